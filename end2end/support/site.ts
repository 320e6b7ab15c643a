/** Every page there is, by who may open it. */
export const PUBLIC_PAGES = ['/', '/signup', '/login', '/chat/global'];
export const MEMBER_PAGES = ['/', '/chat', '/chat/global', '/chat/new', '/chat/requests', '/settings/sessions', '/settings/appearance'];
export const NO_SUCH_PAGE = '/no/such/page';
