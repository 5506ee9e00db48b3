// What the mock agent says of the ledger: three days of messages, of which any can be opened.

import type { ServerResponse } from "node:http";
import type { Egress, EgressDay, EgressMessage, EgressOpened, EgressVerified } from "../../src/api/types";

const KINDS = [
  ["asset", "Results.Push", "the allow-listed numbers about an asset", 116],
  ["lease", "Results.Push", "who holds which slot", 64],
  ["submission", "Results.Push", "that work was handed in, and its scores", 240],
  ["health", "Results.Push", "the state of the agent itself", 12],
  ["renew", "Enrolment.Renew", "a certificate request for the next certificate", 212],
] as const;

const NOTHING = { messages: 0, numbers: 0, assets: 0, credentials: 0, texts: 0, unread: 0 };

function dayAgo(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
}

export class MockLedger {
  /** What a check finds. */
  findings: readonly string[] = [];
  verified: EgressVerified | undefined;
  readonly length = 130;

  overview(): Egress {
    const today: EgressDay = { day: dayAgo(0), messages: 214, numbers: 1204, assets: 86, credentials: 1, texts: 0, unread: 0 };
    const yesterday: EgressDay = { ...NOTHING, day: dayAgo(1), messages: 96, numbers: 512, assets: 31 };
    return {
      days: [today, yesterday, ...[2, 3, 4, 5, 6].map((days) => ({ ...NOTHING, day: dayAgo(days) }))],
      kinds: KINDS.map(([kind, , tells], index) => ({ kind, tells, messages_today: index, numbers_today: index * 9, messages: 40 + index, numbers: 400 + index })),
      messages: 12_345,
      head: { record: 4021, chain: "9f3ac1".padEnd(64, "0d") },
      anchored_at: new Date(Date.now() - 4 * 60_000).toISOString(),
      ...(this.verified ? { verified: this.verified } : {}),
    };
  }

  verify(): EgressVerified {
    this.verified = { at: new Date().toISOString(), intact: this.findings.length === 0, messages: 12_345, records: 4021, anchors: 13, findings: [...this.findings] };
    return this.verified;
  }

  message(sequence: number): EgressMessage {
    const [kind, call, tells, bytes] = KINDS[sequence % KINDS.length] ?? KINDS[0];
    return { sequence, at: new Date(Date.now() - (this.length - sequence) * 600_000).toISOString(), call, kind, tells, bytes };
  }

  messages(query: URLSearchParams): { readonly messages: readonly EgressMessage[]; readonly before?: number } {
    const kind = query.get("kind");
    const before = Number(query.get("before") ?? this.length + 1);
    const all = Array.from({ length: this.length }, (_, index) => this.message(this.length - index)).filter((message) => message.sequence < before && (kind === null || message.kind === kind));
    const page = all.slice(0, 50);
    const last = page[page.length - 1];
    return all.length > page.length && last ? { messages: page, before: last.sequence } : { messages: page };
  }

  opened(sequence: number): EgressOpened {
    return {
      ...this.message(sequence),
      fields: [
        { path: "sequence", value: String(sequence), class: "sequence", why: "number of the message" },
        { path: "asset.asset", value: "0b9a1f9e-5b51-4d4d-8f0e-1d1f8f9f0001", class: "token", why: "random token, drawn for this asset at this site" },
        { path: "asset.modality", value: "CT", class: "enumeration", why: "closed list; other values become OTHER" },
        { path: "asset.slices_up_to", value: "512", class: "generalised", why: "power-of-two bucket of the slice count" },
      ],
      sha256: "ab".repeat(32),
      hex: "0a10".repeat(58),
    };
  }

  /** Whether the route was one of the ledger's. */
  answer(route: string, query: URLSearchParams, send: (body: unknown) => void, response: ServerResponse): boolean {
    const opened = /^GET \/admin\/ledger\/messages\/(\d+)$/.exec(route);
    if (opened) send(this.opened(Number(opened[1])));
    else if (route === "GET /admin/ledger") send(this.overview());
    else if (route === "GET /admin/ledger/messages") send(this.messages(query));
    else if (route === "POST /admin/ledger/verify") send(this.verify());
    else if (route === "GET /admin/ledger/export") {
      response.writeHead(200, { "content-type": "application/x-ndjson", "content-disposition": 'attachment; filename="ledger-all-lease.jsonl"' });
      response.end(`${JSON.stringify({ ledger: "intact", kind: query.get("kind") })}\n`);
    } else return false;
    return true;
  }
}
