/** Every page there is, by who may open it. */
export const PUBLIC_PAGES = ['/', '/signup', '/login', '/chat/global', '/communities'];
export const MEMBER_PAGES = ['/', '/chat', '/chat/global', '/chat/new', '/chat/requests', '/settings/sessions', '/settings/appearance', '/communities', '/communities/new', '/notifications', '/settings/notifications'];
export const NO_SUCH_PAGE = '/no/such/page';
