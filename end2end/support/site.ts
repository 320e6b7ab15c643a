/** Every page there is, by who may open it. */
export const PUBLIC_PAGES = ['/', '/signup', '/login', '/chat/global'];
export const MEMBER_PAGES = ['/', '/chat/global', '/settings/sessions', '/settings/appearance'];
export const NO_SUCH_PAGE = '/no/such/page';
