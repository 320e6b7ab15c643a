/** Every page there is, by who may open it. */
export const PUBLIC_PAGES = ['/', '/signup', '/login', '/chat/global', '/communities'];
export const MEMBER_PAGES = ['/', '/chat', '/chat/global', '/chat/new', '/chat/requests', '/communities', '/communities/new', '/notifications', '/settings/profile', '/settings/account', '/settings/privacy', '/settings/notifications', '/settings/sessions', '/settings/appearance', '/offline'];
export const NO_SUCH_PAGE = '/no/such/page';
/** Those that people mostly see, signed out and signed in, for what is tried in every language. */
export const MAIN_PUBLIC_PAGES = ['/', '/login', '/signup', '/chat/global'];
export const MAIN_MEMBER_PAGES = ['/', '/posts/new', '/chat', '/chat/global', '/communities', '/notifications', '/settings/profile', '/settings/appearance'];
/** What browsers ask for that are not English. */
export const OTHER_LOCALES = ['fr-FR'];
