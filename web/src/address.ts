/** The part of `Location` that is read. */
export interface PageAddress {
  readonly protocol: string;
  readonly host: string;
  readonly pathname: string;
}

/** The live endpoint of the host that the page's address names; `local` where it names none. */
export function liveAddress(page: PageAddress): string {
  const host = /^\/h\/([^/]+)/.exec(page.pathname)?.[1] ?? 'local';
  return `${page.protocol === 'https:' ? 'wss' : 'ws'}://${page.host}/api/v1/hosts/${host}/live`;
}
