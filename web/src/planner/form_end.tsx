// How every form of the planner ends: what is wrong with it, the button that does it, the way out of a sheet.

import type { VNode } from "preact";
import { t } from "../translation";

interface Props {
  /** What the button does, in words. */
  does: string;
  error?: string | null;
  disabled?: boolean;
  /** Given in a sheet of its own, which can be left without doing anything. */
  onClose?: () => void;
}

export function FormEnd({ does, error, disabled, onClose }: Props): VNode {
  return (
    <>
      {error ? (
        <p class="field-error" role="alert">
          {error}
        </p>
      ) : null}
      {onClose ? (
        <div class="sheet-actions">
          <button type="submit" class="button" disabled={disabled}>
            {does}
          </button>
          <button type="button" class="button button-quiet" onClick={onClose}>
            {t("Cancel")}
          </button>
        </div>
      ) : (
        <button type="submit" class="button button-small" disabled={disabled}>
          {does}
        </button>
      )}
    </>
  );
}
