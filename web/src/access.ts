// Who the reader is to the server, and the way to the login when it asks for one.
import { signal } from '@preact/signals';
import { hostPrefix, type PageAddress } from './address';
import { type Json, stringOrNullAt } from './json';

export interface Auth {
  /** none (nobody has to log in), session, token or proxy. */
  readonly method: string;
  readonly user: string | null;
  readonly role: string | null;
  /** Nobody has to log in although other machines can reach the server. */
  readonly exposed: boolean;
}

export const auth = signal<Auth | null>(null);

/** A live connection that was closed because the login, or the token, has ended. */
export const loggedOutCode = 4401;

export function readAuth(json: Json): Auth {
  return {
    method: stringOrNullAt(json['method'], 'auth.method') ?? 'none',
    user: stringOrNullAt(json['user'], 'auth.user'),
    role: stringOrNullAt(json['role'], 'auth.role'),
    exposed: json['exposed'] === true,
  };
}

/** The login, with the way back to what the page shows now. */
export function loginAddress(page: PageAddress & { readonly search: string }): string {
  const prefix = hostPrefix(page);
  const to = `${page.pathname.slice(prefix.length + 1)}${page.search}`;
  return `${prefix}/login${to === '' ? '' : `?to=${encodeURIComponent(to)}`}`;
}

/** Whether the server wants a login before it says anything; null while it does not answer. */
export async function needsLogin(page: PageAddress): Promise<boolean | null> {
  try {
    const response = await fetch(`${hostPrefix(page)}/api/v1/session`);
    return response.status === 401;
  } catch {
    return null;
  }
}

export interface SessionInfo {
  readonly id: string;
  readonly user: string;
  readonly role: string;
  readonly address: string;
  readonly began: number;
  readonly idleSeconds: number;
  readonly current: boolean;
}

/** The reader's own sessions; everybody's for an administrator. */
export async function sessions(page: PageAddress): Promise<readonly SessionInfo[]> {
  const response = await fetch(`${hostPrefix(page)}/api/v1/sessions`);
  if (!response.ok) {
    throw new Error(`The server answered ${response.status}.`);
  }

  const answer = (await response.json()) as { readonly sessions: readonly SessionInfo[] };
  return answer.sessions;
}

/** Ends a session; without an id the one that asks. */
export async function endSession(page: PageAddress, id?: string): Promise<void> {
  const path = id === undefined ? 'session' : `sessions/${encodeURIComponent(id)}`;
  const response = await fetch(`${hostPrefix(page)}/api/v1/${path}`, { method: 'DELETE' });
  if (!response.ok && response.status !== 401) {
    throw new Error(`The server answered ${response.status}.`);
  }
}
