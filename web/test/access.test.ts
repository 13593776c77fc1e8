// Goal: the login leads back to what was shown, behind a proxy's prefix as well. Method: addresses of pages.
import { expect, test } from 'vitest';
import { loginAddress, readAuth } from '../src/access';

const page = (pathname: string, search = '') => ({ protocol: 'http:', host: 'a:1', pathname, search });

test.each([
  ['/', '', '/login'],
  ['/', '?t=2026-11-24T13:03:07Z', '/login?to=%3Ft%3D2026-11-24T13%3A03%3A07Z'],
  ['/h/web-1', '', '/login?to=h%2Fweb-1'],
  ['/hostscope/', '', '/hostscope/login'],
  ['/hostscope/h/web-1', '?w=5m', '/hostscope/login?to=h%2Fweb-1%3Fw%3D5m'],
])('from %s%s', (pathname, search, expected) => {
  expect(loginAddress(page(pathname, search))).toBe(expected);
});

test('what a server does not say of the reader is nothing', () => {
  expect(readAuth({})).toEqual({ method: 'none', user: null, role: null, exposed: false });
  expect(readAuth({ method: 'session', user: 'anna', role: 'viewer', exposed: false, scopes: [] }).user).toBe('anna');
});
