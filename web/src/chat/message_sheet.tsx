// What can be done with one message, by who it is and whose it is.

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { Confirm, Sheet } from "../stage/dialogs";
import { Said } from "../stage/words";
import { t } from "../translation";
import type { ChatBoard } from "./board";
import { Text } from "./message";
import type { ChatRules, View } from "./state";

const EDIT_MS = 10 * 60_000;

interface SheetProps {
  board: ChatBoard;
  message: View;
  moderates: boolean;
  rules: ChatRules | undefined;
  onReply: () => void;
  onEdit: () => void;
  onWriteTo: () => void;
  onClose: () => void;
}

export function MessageSheet(props: SheetProps): VNode {
  const { board, message, moderates, rules, onClose } = props;
  const [deleting, setDeleting] = useState(false);
  const mine = message.person === board.client.options.account;
  const shown = message.state === undefined;
  const blocked = message.person !== undefined && board.blocked.includes(message.person);
  const done = (act: () => void) => () => {
    onClose();
    act();
  };
  if (deleting) {
    return (
      <Confirm
        title={t("Delete your message?")}
        text={
          message.to === "direct"
            ? t("It is gone for both of you.")
            : t("The room does not see it any more. Moderators can read it until the history is erased.")
        }
        confirm={t("Delete")}
        onConfirm={() => void board.act("DeleteChat", { message: message.id })}
        onClose={onClose}
      />
    );
  }
  return (
    <Sheet
      title={mine ? t("Your message") : <Said text={t("Message of {name}")} name={message.name ?? ""} />}
      onClose={onClose}
    >
      <p class="chat-text chat-sheet-text" dir="auto">
        <Text message={message} links={false} />
      </p>
      <div class="sheet-list">
        {shown && <Choice words={t("Reply")} onClick={done(props.onReply)} />}
        {mine && shown && Date.now() - Date.parse(message.at) < EDIT_MS && (
          <Choice words={t("Edit")} onClick={done(props.onEdit)} />
        )}
        {!mine && message.person && rules?.direct && !blocked && (
          <Choice
            words={<Said text={t("Write to {name} alone")} name={message.name ?? ""} />}
            onClick={done(props.onWriteTo)}
          />
        )}
        {moderates && (message.to ?? "room") === "room" && message.state !== "deleted" && (
          <Choice
            words={message.state === "hidden" ? t("Show it again") : t("Hide it from the room")}
            onClick={done(
              () => void board.act("HideChat", { message: message.id, hidden: message.state !== "hidden" }),
            )}
          />
        )}
        {!mine && message.person && (rules?.direct || blocked) && (
          <Choice
            words={
              <Said
                text={blocked ? t("Take messages from {name} again") : t("Block direct messages from {name}")}
                name={message.name ?? ""}
              />
            }
            onClick={done(() => void board.act("BlockPerson", { person: message.person, blocked: !blocked }))}
          />
        )}
        {mine && message.state !== "deleted" && (
          <Choice words={t("Delete…")} danger onClick={() => setDeleting(true)} />
        )}
        <button type="button" class="sheet-choice sheet-cancel" onClick={onClose}>
          {t("Cancel")}
        </button>
      </div>
    </Sheet>
  );
}

function Choice(props: { words: VNode | string; danger?: boolean; onClick: () => void }): VNode {
  return (
    <button
      type="button"
      class={props.danger ? "sheet-choice sheet-danger" : "sheet-choice"}
      onClick={props.onClick}
    >
      {props.words}
    </button>
  );
}
