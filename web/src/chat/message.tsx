// One message: who said it to whom, what it answers, its text, and what can be done with it.

import type { VNode } from "preact";
import { Icon } from "../stage/icons";
import type { Role } from "../stage/wire";
import { roleName, Said } from "../stage/words";
import { locale, t } from "../translation";
import type { ChatBoard } from "./board";
import { isRead, piecesOf, type View } from "./state";

// The clock of the programme and of the hall, as on the pages: not the reader's.
const timeZone = document.querySelector<HTMLMetaElement>('meta[name="event-zone"]')?.content;
const clock = new Intl.DateTimeFormat(locale, {
  timeZone,
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

interface Shown {
  board: ChatBoard;
  message: View;
  /** It goes on where the one above ended: whose it is stands there. */
  goesOn: boolean;
  onMore: () => void;
}

export function Message({ board, message, goesOn, onMore }: Shown): VNode {
  const mine = message.person === board.client.options.account;
  if (!isRead(message)) {
    return (
      <li class="chat-message chat-gone" id={`chat-${message.id}`}>
        <p>
          {message.state === "deleted" && mine
            ? t("You deleted this message.")
            : t("This message is not shown any more.")}
        </p>
      </li>
    );
  }
  return (
    <li
      class={`chat-message${mine ? " chat-mine" : ""}${message.state ? " chat-off" : ""}${goesOn ? " chat-on" : ""}`}
      id={`chat-${message.id}`}
    >
      <div class="chat-body">
        <p class={goesOn ? "chat-line visually-hidden" : "chat-line"}>
          <b>{mine ? t("You") : message.name ? <bdi>{message.name}</bdi> : t("Somebody who has left")}</b>
          {message.role && <span>{roleName(message.role as Role)}</span>}
          <time dateTime={message.at}>{clock.format(new Date(message.at))}</time>
          <Reach message={message} mine={mine} />
        </p>
        {message.reply && <Quote board={board} id={message.reply} />}
        <p class="chat-text" dir="auto">
          <Text message={message} />
        </p>
        <Standing message={message} mine={mine} />
        {(message.before ?? []).length > 0 && (
          <details class="chat-before">
            <summary>{t("What was here before")}</summary>
            {message.before?.map((text, number) => (
              <p key={number} class="chat-text" dir="auto">
                {text}
              </p>
            ))}
          </details>
        )}
      </div>
      <button type="button" class="icon-button" onClick={onMore}>
        <Icon name="more" />
        <span class="visually-hidden">
          {mine ? (
            t("Actions for your message")
          ) : (
            <Said text={t("Actions for the message of {name}")} name={message.name ?? ""} />
          )}
        </span>
      </button>
    </li>
  );
}

/** For whom it is, when it is not for everybody. */
function Reach({ message, mine }: { message: View; mine: boolean }): VNode | null {
  const other = mine ? message.receiver?.name : message.name;
  if (message.to === "direct")
    return (
      <span class="badge">
        <span>
          <Said text={t("Only you and {name}")} name={other ?? ""} />
        </span>
      </span>
    );
  if (message.to === "desk") return <span class="badge">{t("Moderators only")}</span>;
  return null;
}

function Standing({ message, mine }: { message: View; mine: boolean }): VNode | null {
  const words = [
    message.edited ? t("edited") : "",
    message.state === "hidden" ? (mine ? t("hidden by a moderator") : t("hidden from the room")) : "",
    message.state === "deleted" ? t("deleted by its author: only moderators see it") : "",
  ].filter(Boolean);
  return words.length > 0 ? <p class="chat-standing">{words.join(" · ")}</p> : null;
}

/** The text with its links, and names that keep their own direction and do not decide the text's. */
export function Text({ message, links = true }: { message: View; links?: boolean }): VNode {
  return (
    <>
      {piecesOf(message.text, message.mentions).map(({ kind, text }, number) => {
        if (kind === "link" && links)
          // Shown as what it is and fetched by nobody: no preview, and the other side learns of no one here.
          return (
            <a key={number} href={text} target="_blank" rel="noopener noreferrer nofollow" dir="ltr">
              {text}
            </a>
          );
        return kind === "mention" ? (
          <bdi key={number} class="chat-mention">
            {text}
          </bdi>
        ) : (
          text
        );
      })}
    </>
  );
}

/** The beginning of the message that is answered. */
function Quote({ board, id }: { board: ChatBoard; id: string }): VNode {
  const quoted = board.quote(id);
  if (quoted === undefined) return <p class="chat-quote">…</p>;
  if (quoted === null || !isRead(quoted))
    return <p class="chat-quote">{t("This message is not shown any more.")}</p>;
  return (
    <blockquote class="chat-quote">
      <a href={`#chat-${id}`}>
        <bdi class="chat-quoted">{quoted.name ?? ""}</bdi>{" "}
        <bdi>
          <Text message={quoted} links={false} />
        </bdi>
      </a>
    </blockquote>
  );
}
