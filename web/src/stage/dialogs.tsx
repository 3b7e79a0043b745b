// Questions that wait for an answer: native <dialog>, which keeps the focus inside and gives it back.

import type { ComponentChildren, VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../translation";

interface SheetProps {
  title: ComponentChildren;
  onClose: () => void;
  children: ComponentChildren;
  /** Long ones are read from the top; in others the first thing to do has the focus. */
  fromTop?: boolean;
}

/** A dialog: in the middle of a wide screen, from the bottom edge of a phone. Escape and a tap outside close it. */
export function Sheet({ title, onClose, children, fromTop }: SheetProps): VNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    if (fromTop) heading.current?.focus();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="sheet"
      aria-labelledby="sheet-title"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <div class="sheet-body">
        <h2 id="sheet-title" class="sheet-title" ref={heading} tabIndex={-1}>
          {title}
        </h2>
        {children}
      </div>
    </dialog>
  );
}

interface ConfirmProps {
  title: ComponentChildren;
  text: ComponentChildren;
  confirm: string;
  onConfirm: () => void;
  onClose: () => void;
}

/** For what cannot simply be undone. "Cancel" has the focus: a stray Enter does no harm. */
export function Confirm({ title, text, confirm, onConfirm, onClose }: ConfirmProps): VNode {
  const cancel = useRef<HTMLButtonElement>(null);
  useEffect(() => cancel.current?.focus(), []);
  return (
    <Sheet title={title} onClose={onClose}>
      <p class="sheet-text">{text}</p>
      <div class="sheet-actions">
        <button type="button" class="button button-quiet" ref={cancel} onClick={onClose}>
          {t("Cancel")}
        </button>
        <button
          type="button"
          class="button button-danger"
          onClick={() => {
            onClose();
            onConfirm();
          }}
        >
          {confirm}
        </button>
      </div>
    </Sheet>
  );
}
