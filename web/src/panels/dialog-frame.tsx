import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { dialog } from '../state';

interface FrameProps {
  readonly title: string;
  readonly hint: string;
  readonly id: string;
  readonly children: ComponentChildren;
}

/** A modal dialog; the browser keeps the focus inside and closes it with Esc. */
export function Frame({ title, hint, id, children }: FrameProps) {
  const node = useRef<HTMLDialogElement>(null);
  const opened = dialog.value;
  // With the element itself and not after the next paint: a key in between would act on the page behind.
  useLayoutEffect(() => {
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
