import { useMemo } from 'preact/hooks';
import type { App } from '../app';
import { clock } from '../format';
import type { KeyBinding } from '../keys';
import { singleKeys } from '../settings';
import { dialog } from '../state';
import type { NumberColumn } from '../tracks/track';
import { Account } from './account';
import { Frame } from './dialog-frame';
import { Export, GoTo } from './past-dialogs';

/** Every key, from the table that binds them. */
function KeySheet({ keys }: { readonly keys: readonly KeyBinding[] }) {
  const groups = [...new Set(keys.map((binding) => binding.group))];
  return (
    <Frame title="Keyboard" hint="Single keys work whenever no text field has the focus." id="keys">
      <div class="key-groups">
        {groups.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {keys
                .filter((binding) => binding.group === group)
                .map((binding) => (
                  <div key={binding.words}>
                    <dt>
                      {(binding.print ?? binding.keys).map((key) => (
                        <kbd key={key}>{key}</kbd>
                      ))}
                    </dt>
                    <dd>{binding.words}</dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
      <label class="choice">
        <input
          type="checkbox"
          checked={singleKeys.value}
          onChange={(event) => (singleKeys.value = event.currentTarget.checked)}
        />
        Single keys act
      </label>
    </Frame>
  );
}

interface NumbersProps {
  readonly title: string;
  readonly columns: readonly NumberColumn[];
  /** Newest first. */
  readonly rows: readonly { readonly time: number; readonly texts: readonly string[] }[];
  readonly isAverage: boolean;
}

/** The dialog that is open. */
export function Dialogs({ app }: { readonly app: App }) {
  const open = dialog.value;
  return (
    <>
      {open?.kind === 'keys' && <KeySheet keys={app.keys} />}
      {open?.kind === 'goto' && <GoTo app={app} />}
      {open?.kind === 'export' && <Export app={app} />}
      {open?.kind === 'account' && <Account />}
      {open?.kind === 'numbers' && <TrackNumbers app={app} track={open.track} />}
    </>
  );
}

function TrackNumbers({ app, track }: { readonly app: App; readonly track: string }) {
  // Read once: the columns of a track are those of the history that it drew last, and the next pass may draw another.
  const table = useMemo(() => numbersOf(app, track), []);
  return table === null ? null : <Numbers {...table} />;
}

function numbersOf(app: App, track: string): NumbersProps | null {
  const found = app.renderer.stack?.find(track) ?? null;
  if (found === null) {
    return null;
  }

  const { view } = app.renderer;
  const { history } = view;
  found.mounted.draw(view);
  const columns = found.mounted.numbers();
  const from = Math.min(view.to, history.firstAtOrAfter(view.x0));
  const rows = Array.from({ length: Math.max(0, view.to - from) }, (_, i) => {
    const index = view.to - 1 - i;
    return { time: history.t[index] ?? 0, texts: columns.map((column) => column.text(index)) };
  });
  return { title: found.title, columns, rows, isAverage: history.hasRanges };
}

/** The window of one track as a table of numbers, newest first; it stands still while it is open. */
function Numbers({ title, columns, rows, isAverage }: NumbersProps) {
  const what = isAverage ? 'averages' : 'samples';
  const hint = `${rows.length} ${what}, newest first; the table stands still while it is open.`;
  return (
    <Frame title={title} hint={hint} id="numbers">
      <div class="numbers" tabIndex={0} role="region" aria-label={`${title}, numbers`}>
        <table>
          <thead>
            <tr>
              <th scope="col">Time</th>
              {columns.map((column) => (
                <th scope="col" key={column.name}>
                  {column.name} <span class="unit">{column.unit}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ time, texts }) => (
              <tr key={time}>
                <th scope="row">{clock(time)}</th>
                {columns.map((column, i) => (
                  <td key={column.name}>{texts[i]}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Frame>
  );
}
