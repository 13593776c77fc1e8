import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { App } from '../app';
import { clock } from '../format';
import type { History } from '../history';
import type { KeyBinding } from '../keys';
import { singleKeys } from '../settings';
import { dialog } from '../state';
import type { NumberColumn } from '../tracks/track';

interface FrameProps {
  readonly title: string;
  readonly hint: string;
  readonly id: string;
  readonly children: ComponentChildren;
}

/** A modal dialog; the browser keeps the focus inside and closes it with Esc. */
function Frame({ title, hint, id, children }: FrameProps) {
  const node = useRef<HTMLDialogElement>(null);
  const opened = dialog.value;
  useEffect(() => {
    const element = node.current;
    element?.showModal();
    return () => element?.close();
  }, [opened]);
  // The browser tells of a closed dialog a moment later; another one may have been opened since.
  const closed = (): void => {
    if (dialog.value === opened && node.current?.open !== true) {
      dialog.value = null;
    }
  };
  return (
    <dialog
      ref={node}
      class="dialog"
      aria-labelledby={`${id}-title`}
      data-testid={id}
      onClose={closed}
      onClick={(event) => event.target === node.current && node.current?.close()}
    >
      <div class="dialog-body">
        <div class="dialog-head">
          <h2 id={`${id}-title`}>{title}</h2>
          <p>{hint}</p>
          <span class="spring" />
          <button type="button" class="plain" onClick={() => node.current?.close()}>
            <kbd aria-hidden="true">Esc</kbd>
            <span class="unseen">Close</span>
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}

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
                      {binding.keys.map((key) => (
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
  readonly history: History;
  readonly from: number;
  readonly to: number;
}

/** The dialog that is open. */
export function Dialogs({ app }: { readonly app: App }) {
  const open = dialog.value;
  return (
    <>
      {open?.kind === 'keys' && <KeySheet keys={app.keys} />}
      {open?.kind === 'numbers' && <TrackNumbers app={app} track={open.track} />}
    </>
  );
}

function TrackNumbers({ app, track }: { readonly app: App; readonly track: string }) {
  const found = app.renderer.stack?.find(track) ?? null;
  if (found === null) {
    return null;
  }

  const { view } = app.renderer;
  const from = Math.min(view.to, view.history.firstAtOrAfter(view.x0));
  return (
    <Numbers
      title={found.title}
      columns={found.mounted.numbers()}
      history={view.history}
      from={from}
      to={view.to}
    />
  );
}

/** The window of one track as a table of numbers, newest first; it stands still while it is open. */
function Numbers({ title, columns, history, from, to }: NumbersProps) {
  const indices = Array.from({ length: Math.max(0, to - from) }, (_, i) => to - 1 - i);
  const hint = `${indices.length} samples, newest first; the table stands still while it is open.`;
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
            {indices.map((index) => (
              <tr key={history.seq[index]}>
                <th scope="row">{clock(history.t[index] ?? 0)}</th>
                {columns.map((column) => (
                  <td key={column.name}>{column.text(index)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Frame>
  );
}
