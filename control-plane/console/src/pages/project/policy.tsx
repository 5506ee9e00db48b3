// The policy: how work is given out, and how what comes back is judged.

import { Button, TextInput } from "@mantine/core";
import { problemOfError } from "@ringfence/web/api";
import { counted } from "@ringfence/web/format";
import { EmptyState, StateLine } from "@ringfence/web/parts";
import { useState } from "react";
import type { ReactElement, ReactNode } from "react";
import { Link } from "wouter";

import { useChange, usePeople, useProject } from "../../api/queries";
import type { ConsensusKind, NewPolicy, Person, Project } from "../../api/types";
import { fieldText } from "../../ui/field-text";
import { Loaded, Page } from "../../ui/page";
import { Refused } from "../../ui/refused";
import { PersonStateLine } from "../../ui/words";
import { formOf, MAXIMUM_GOLD_PERCENT, newPolicy, outcomes, readAgreement, readGoldPercent, samePolicy } from "./policy-form";
import type { PolicyForm } from "./policy-form";

export function PolicyPage({ id }: { readonly id: string }): ReactElement {
  const project = useProject(id);
  const people = usePeople();
  return (
    <Page title="Policy" facts="How work is given out and judged">
      <Loaded query={project} what="reading the policy">
        {(present) => (
          <Loaded query={people} what="reading people">
            {(everyone) => <Policy project={present} people={everyone} />}
          </Loaded>
        )}
      </Loaded>
    </Page>
  );
}

interface PolicyProps {
  readonly project: Project;
  readonly people: readonly Person[];
}

const SHOWN_BY_INPUT = new Set(["gold_percent", "minimum_agreement"]);

function Policy({ project, people }: PolicyProps): ReactElement {
  // Until something is changed here, the form follows what the server says.
  const [draft, setDraft] = useState<PolicyForm | undefined>(undefined);
  const form = draft ?? formOf(project);
  const save = useChange((calls, policy: NewPolicy) => calls.setPolicy(project.id, policy), () => setDraft(undefined));
  const change = (part: Partial<PolicyForm>): void => {
    save.reset();
    setDraft({ ...form, ...part });
  };
  const policy = newPolicy(form);
  const changed = draft !== undefined && !samePolicy(draft, project);
  const problem = save.error === null ? undefined : problemOfError(save.error);
  const fields = problem?.fields;
  return (
    <>
      <div className="policy">
        <Overlap project={project} />
        <Gold project={project} form={form} onChange={change} refused={fieldText(fields, "gold_percent")} />
        <Consensus form={form} onChange={change} />
        <Agreement form={form} onChange={change} refused={fieldText(fields, "minimum_agreement")} />
        <Arbitration people={people} form={form} onChange={change} />
        <Follows policy={policy} overlap={project.policy.overlap} />
      </div>
      {problem === undefined ? null : <Refused problem={problem} shownByInput={(field) => SHOWN_BY_INPUT.has(field)} />}
      <div className="action-bar">
        <span role="status">
          {changed ? (
            <StateLine tone="needs">{policy === undefined ? "a field cannot be read" : "changed, not saved"}</StateLine>
          ) : (
            <StateLine tone="quiet">{save.isSuccess ? "saved; the sites get it with their next contact" : "as stored"}</StateLine>
          )}
        </span>
        <span className="frame-space" />
        <Button variant="default" disabled={!changed} onClick={() => setDraft(undefined)}>
          Undo changes
        </Button>
        <Button
          variant="filled"
          disabled={!changed || policy === undefined}
          loading={save.isPending}
          onClick={() => {
            if (policy !== undefined) save.mutate(policy);
          }}
        >
          Save policy
        </Button>
      </div>
    </>
  );
}

interface PartProps {
  readonly title: string;
  readonly children: ReactNode;
}

/** A heading with its explanation on the left and its controls on the right. */
function Part({ title, text, children }: PartProps & { readonly text: ReactNode }): ReactElement {
  return (
    <section className="policy-part" aria-label={title}>
      <div>
        <h2>{title}</h2>
        <div className="policy-text">{text}</div>
      </div>
      <div className="policy-controls">{children}</div>
    </section>
  );
}

function Overlap({ project }: { readonly project: Project }): ReactElement {
  return (
    <Part
      title="Overlap"
      text={<p>How many people annotate each asset, without seeing each other’s work. It is set when tasks are made, and stays with each task.</p>}
    >
      <p className="policy-fact">
        {project.asset_ids.length === 0 ? (
          "No tasks yet"
        ) : (
          <>
            <strong>{project.policy.overlap}</strong> in the tasks made last
          </>
        )}
      </p>
      <Link href={`/projects/${project.id}/tasks`}>Go to the tasks</Link>
    </Part>
  );
}

interface FieldsProps {
  readonly form: PolicyForm;
  readonly onChange: (part: Partial<PolicyForm>) => void;
}

interface RefusableProps extends FieldsProps {
  readonly refused: string | undefined;
}

function Gold({ project, form, onChange, refused }: RefusableProps & { readonly project: Project }): ReactElement {
  const bad = readGoldPercent(form.goldPercent) === undefined ? `A whole number from 0 to ${MAXIMUM_GOLD_PERCENT}` : undefined;
  return (
    <Part
      title="Hidden gold"
      text={
        <>
          <p>
            The share of a person’s new tasks that are gold tests. At each grant the site draws a number from the seed,
            the person and the count of their grants; below the share, a gold test is given if one is left for them.
          </p>
          <p>
            Nobody gets two gold tests of one asset. Where only gold tests are left, nothing more is given out. With the
            seed, every draw can be computed again.
          </p>
        </>
      }
    >
      <TextInput
        className="number-field"
        label="Gold tests, in percent"
        inputMode="numeric"
        value={form.goldPercent}
        error={bad ?? refused}
        onChange={(event) => onChange({ goldPercent: event.currentTarget.value })}
      />
      <p className="policy-fact">
        Seed <code className="short-id">{project.policy.gold_seed}</code>
      </p>
    </Part>
  );
}

const RULES: readonly { readonly kind: ConsensusKind; readonly name: string; readonly text: string }[] = [
  {
    kind: "majority",
    name: "Majority",
    text: "A voxel is inside when more than half of the submissions marked it: every voice counts the same.",
  },
  {
    kind: "staple",
    name: "STAPLE",
    text: "Estimates how much of what is inside each person marks and how much of what is outside they leave out, and weighs the voices by it. Where the estimate is not sound, the majority is taken, and the task says so.",
  },
];

function Consensus({ form, onChange }: FieldsProps): ReactElement {
  return (
    <Part
      title="Consensus rule"
      text={
        <p>
          How the masks of an accepted task become one. The cloud computes the rule from counts of voxels and sends it down;
          the site paints the mask, beside the submissions and never over them.
        </p>
      }
    >
      <fieldset className="rule-cards">
        <legend className="rf-visually-hidden">Consensus rule</legend>
        {RULES.map(({ kind, name, text }) => (
          <label key={kind} className="rule-card" data-chosen={form.consensus === kind || undefined}>
            <input
              type="radio"
              name="consensus"
              checked={form.consensus === kind}
              aria-labelledby={`rule-name-${kind}`}
              aria-describedby={`rule-${kind}`}
              onChange={() => onChange({ consensus: kind })}
            />
            <span className="rule-name" id={`rule-name-${kind}`}>
              {name}
            </span>
            <span className="rule-text" id={`rule-${kind}`}>
              {text}
            </span>
          </label>
        ))}
      </fieldset>
    </Part>
  );
}

function Agreement({ form, onChange, refused }: RefusableProps): ReactElement {
  const bad = readAgreement(form.minimumAgreement) === undefined ? "A number from 0 to 1" : undefined;
  return (
    <Part
      title="Minimum agreement"
      text={
        <>
          <p>
            A task is disputed when one object lies below this: the mean Dice of all pairs of submissions for a mask, the
            mean share of matched shapes for boxes, points and lines. Pairs in which nobody marked anything do not count.
          </p>
          <p>
            For objects that are only stated, and for each answer that everybody gave, more than half have to say the same. Numbers say
            the same when they lie within one step, or a twentieth of the range, of their median.
            Gold tests and tasks with one slot are never disputed.
          </p>
        </>
      }
    >
      <TextInput
        className="number-field"
        label="At least, from 0 to 1"
        inputMode="decimal"
        value={form.minimumAgreement}
        error={bad ?? refused}
        onChange={(event) => onChange({ minimumAgreement: event.currentTarget.value })}
      />
    </Part>
  );
}

interface ArbitrationProps extends FieldsProps {
  readonly people: readonly Person[];
}

function Arbitration({ people, form, onChange }: ArbitrationProps): ReactElement {
  const toggle = (personId: string): void => {
    const next = new Set(form.arbiterIds);
    if (!next.delete(personId)) next.add(personId);
    onChange({ arbiterIds: next });
  };
  return (
    <Part
      title="Arbitration"
      text={
        <>
          <p>
            A disputed task is given to one arbiter, who sees the submissions at the site as A, B, C… without names, gives
            a verdict on each, and hands in work that becomes the consensus.
          </p>
          <p>An arbiter may annotate in this project, too, and never gets a task of their own work.</p>
        </>
      }
    >
      <label className="check">
        <input
          type="checkbox"
          checked={form.arbitration}
          onChange={(event) => onChange({ arbitration: event.currentTarget.checked })}
        />
        Send disputed tasks to an arbiter
      </label>
      {people.length === 0 ? (
        <EmptyState title="No people yet" action={<Link href="/people">Go to People</Link>}>
          Arbiters are people of the sites, invited like annotators.
        </EmptyState>
      ) : (
        <fieldset className="arbiters">
          <legend>Arbiters ({counted(form.arbiterIds.size, "person", "people")})</legend>
          {people.map((person) => (
            <div key={person.id} className="arbiter-row">
              <label className="check">
                <input
                  type="checkbox"
                  checked={form.arbiterIds.has(person.id)}
                  onChange={() => toggle(person.id)}
                />
                {person.display_name}
              </label>
              <PersonStateLine state={person.state} />
            </div>
          ))}
        </fieldset>
      )}
    </Part>
  );
}

function Follows(props: { readonly policy: NewPolicy | undefined; readonly overlap: number }): ReactElement {
  return (
    <section className="policy-follows" aria-label="What follows">
      <h2>What follows</h2>
      {props.policy === undefined ? (
        <p className="quiet">A field cannot be read.</p>
      ) : (
        <ul>
          {outcomes(props.policy, props.overlap).map(({ tone, text }) => (
            <li key={text}>{tone === "needs" ? <StateLine tone="needs">{text}</StateLine> : text}</li>
          ))}
        </ul>
      )}
    </section>
  );
}
