/** The part of `Location` that is read. */
export interface PageAddress {
  readonly protocol: string;
  readonly host: string;
  readonly pathname: string;
}

/** A page's path, taken apart. */
interface PagePath {
  /** What a proxy put before the server's own paths, without its last slash: `` or `/hostscope`. */
  readonly prefix: string;
  /** The host's id in the path; `local` where it names none. */
  readonly host: string;
}

/** Understands `/`, `/h/web-1`, `/hostscope/` and `/hostscope/h/web-1/disks`. */
function pathOf(page: PageAddress): PagePath {
  const named = /^(.*?)\/h\/([^/]+)/.exec(page.pathname);
  return {
    prefix: named?.[1] ?? page.pathname.slice(0, page.pathname.lastIndexOf('/')),
    host: named?.[2] ?? 'local',
  };
}

/** The path of something that the server has for the page's host: `/hostscope/api/v1/hosts/web-1/` and a rest. */
export function hostPath(page: PageAddress, rest: string): string {
  const { prefix, host } = pathOf(page);
  return `${prefix}/api/v1/hosts/${host}/${rest}`;
}

/** The live endpoint of the host that the page's address names; `local` where it names none. */
export function liveAddress(page: PageAddress): string {
  return `${page.protocol === 'https:' ? 'wss' : 'ws'}://${page.host}${hostPath(page, 'live')}`;
}

/** What a proxy put before the server's own paths, without its last slash. */
export function hostPrefix(page: PageAddress): string {
  return pathOf(page).prefix;
}

/** The page of a host, by its id, for links that say which host they mean. */
export function hostPage(page: PageAddress, id: string): string {
  return `${pathOf(page).prefix}/h/${encodeURIComponent(id)}`;
}
