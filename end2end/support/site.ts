/** Every page there is, by who may open it. */
export const PUBLIC_PAGES = ['/', '/signup', '/login', '/chat/global', '/communities'];
export const MEMBER_PAGES = ['/', '/chat', '/chat/global', '/chat/new', '/chat/requests', '/communities', '/communities/new', '/notifications', '/settings/profile', '/settings/account', '/settings/privacy', '/settings/notifications', '/settings/sessions', '/settings/appearance'];
export const NO_SUCH_PAGE = '/no/such/page';
