import { useEffect, useState } from 'preact/hooks';
import { auth, endSession, loginAddress, type SessionInfo, sessions } from '../access';
import { clock, date, duration } from '../format';
import { Frame } from './dialog-frame';

/** Who is signed in, from where else, and the way out. */
export function Account() {
  const [list, setList] = useState<readonly SessionInfo[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const attempt = (work: () => Promise<void>): void => {
    work().catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)));
  };
  const load = (): void => attempt(async () => setList(await sessions(location)));
  useEffect(load, []);
  const leave = (): void => {
    attempt(async () => {
      await endSession(location);
      location.assign(loginAddress(location));
    });
  };
  const who = auth.value;
  const role = who?.role === null || who === null ? '' : `Role: ${who.role}.`;
  return (
    <Frame title={who?.user ?? 'Account'} hint={role} id="account">
      {problem !== null && (
        <p class="attn" role="alert">
          {problem}
        </p>
      )}
      {list !== null && list.length > 0 && (
        <table class="sessions">
          <caption class="unseen">Sessions</caption>
          <thead>
            <tr>
              <th scope="col">Session of</th>
              <th scope="col">from</th>
              <th scope="col">since</th>
              <th scope="col">not used for</th>
              <th scope="col">
                <span class="unseen">End it</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {list.map((session) => (
              <tr key={session.id}>
                <th scope="row">{session.user}</th>
                <td>{session.address}</td>
                <td>{`${date(session.began)}, ${clock(session.began)}`}</td>
                <td>{session.current ? 'this one' : duration(session.idleSeconds)}</td>
                <td>
                  {!session.current && (
                    <button
                      type="button"
                      class="button"
                      onClick={() => attempt(async () => {
                        await endSession(location, session.id);
                        load();
                      })}
                    >
                      End
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {who?.method === 'session' && (
        <button type="button" class="button" data-testid="sign-out" onClick={leave}>
          Sign out
        </button>
      )}
    </Frame>
  );
}
