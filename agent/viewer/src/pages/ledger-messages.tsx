// The messages of the ledger, the newest first; each opens to its fields, with the schema's reason why each may leave.

import { problemOfError } from "@ringfence/web/api";
import type { Problem } from "@ringfence/web/api";
import { ago, counted, dateTime } from "@ringfence/web/format";
import { EmptyState, ProblemMessage, Waiting } from "@ringfence/web/parts";
import { useCallback, useState } from "react";
import type { ReactElement } from "react";
import type { AgentApi } from "../api/agent";
import type { EgressMessage } from "../api/types";
import { LoadProblem, useLoaded } from "../ui/loaded";
import { kindName } from "./left-words";

interface MessageListProps {
  readonly api: AgentApi;
  /** Empty for all. */
  readonly day: string;
  readonly kind: string;
}

export function MessageList({ api, day, kind }: MessageListProps): ReactElement {
  const first = useLoaded(useCallback(() => api.egressMessages(day, kind), [api, day, kind]));
  const [older, setOlder] = useState<readonly EgressMessage[]>([]);
  const [next, setNext] = useState<number | "end">();
  const [problem, setProblem] = useState<Problem>();
  const before = next ?? first.value?.before ?? "end";
  const more = async (): Promise<void> => {
    if (before === "end") return;
    setProblem(undefined);
    try {
      const page = await api.egressMessages(day, kind, before);
      setOlder((known) => [...known, ...page.messages]);
      setNext(page.before ?? "end");
    } catch (error) {
      setProblem(problemOfError(error));
    }
  };
  if (!first.value) return first.problem ? <LoadProblem loaded={first} /> : <Waiting what="Reading the ledger" />;
  const messages = [...first.value.messages, ...older];
  return (
    <>
      {messages.length === 0 && before === "end" ? <EmptyState title="No such messages">Nothing of this kind left on this day.</EmptyState> : null}
      <ul className="ledger-messages" aria-label="Messages that left">
        {messages.map((message) => <Message key={message.sequence} api={api} message={message} />)}
      </ul>
      {problem ? <ProblemMessage problem={problem} /> : null}
      {before === "end" ? null : <button type="button" className="plain-button" onClick={() => void more()}>Show older messages</button>}
    </>
  );
}

function Message({ api, message }: { readonly api: AgentApi; readonly message: EgressMessage }): ReactElement {
  const [open, setOpen] = useState(false);
  const id = `message-${message.sequence}`;
  return (
    <li>
      <button type="button" className="ledger-message" aria-expanded={open} aria-controls={open ? id : undefined} onClick={() => setOpen(!open)}>
        <span className="number">{message.sequence}</span>
        <span className="kind">{kindName(message.kind)}</span>
        <span className="quiet words">{message.tells}</span>
        <span className="quiet size">{counted(message.bytes, "byte", "bytes")}</span>
        <span className="quiet" title={dateTime(message.at)}>{ago(message.at, Date.now())}</span>
      </button>
      {open ? <div id={id} className="ledger-opened"><Opened api={api} sequence={message.sequence} /></div> : null}
    </li>
  );
}

function Opened({ api, sequence }: { readonly api: AgentApi; readonly sequence: number }): ReactElement {
  const loaded = useLoaded(useCallback(() => api.egressMessage(sequence), [api, sequence]));
  const message = loaded.value;
  if (!message) return loaded.problem ? <LoadProblem loaded={loaded} /> : <Waiting what="Reading the message" />;
  return (
    <>
      <p className="quiet">Sent by {message.call} on {dateTime(message.at)}. A field that is zero takes no bytes and is not listed.</p>
      {message.fields === null ? (
        <p>This version of the agent cannot read the message; its bytes are below.</p>
      ) : (
        <dl className="ledger-fields">
          {message.fields.map((field) => (
            <div key={field.path}>
              <dt>{field.path}</dt>
              <dd>
                <span className="value">{field.value}</span>
                <span className="quiet">{field.why}</span>
              </dd>
            </div>
          ))}
        </dl>
      )}
      <details>
        <summary>The {counted(message.bytes, "byte", "bytes")} as they left, and their digest</summary>
        <code className="chain">{message.hex === "" ? "no bytes: every field is zero" : message.hex}</code>
        <p className="quiet">SHA-256 <code className="chain">{message.sha256}</code></p>
      </details>
    </>
  );
}
