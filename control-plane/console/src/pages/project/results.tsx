// Results: how well it is done, by object, by annotator, by submission, and how far annotators agree. Live.

import { counted, timeOfDay } from "@ringfence/web/format";
import { EmptyState } from "@ringfence/web/parts";
import { useMemo } from "react";
import type { ReactElement } from "react";
import { Link } from "wouter";

import { usePeople, useProject, useResults } from "../../api/queries";
import type { LabelResult, Project, Results } from "../../api/types";
import { DataTable } from "../../ui/data-table";
import { Loaded, Page, Section } from "../../ui/page";
import { AssistanceByAnnotator } from "./assistance";
import { annotatorRows, objectNames, submissionRows } from "./measures";
import {
  agreementColumns,
  answerRows,
  ANNOTATOR_COLUMNS,
  ANSWER_COLUMNS,
  LABEL_COLUMNS,
  PERSON_COLUMNS,
  SUBMISSION_COLUMNS,
} from "./result-columns";

/** Rows of a table that grows with the work; the rest follows on demand, and is in the CSV. */
const LONG = 30;

export function ResultsPage({ id }: { readonly id: string }): ReactElement {
  const results = useResults(id);
  const project = useProject(id);
  return (
    <Page
      title="Results"
      facts={
        <>
          <span>{project.data?.title}</span>
          {results.data === undefined ? null : <span>as of {timeOfDay(results.data.as_of)}, live</span>}
        </>
      }
    >
      <Loaded query={results} what="reading results">
        {(present) =>
          present.submissions.length === 0 ? (
            <EmptyState title="No submissions yet" action={<Link href={`/projects/${id}/tasks`}>Go to the tasks</Link>}>
              Numbers appear here a few seconds after an annotator submits work at a site. Scores need gold; agreement
              needs two submissions of one task.
            </EmptyState>
          ) : (
            <Tables id={id} results={present} project={project.data} />
          )
        }
      </Loaded>
    </Page>
  );
}

interface TablesProps {
  readonly id: string;
  readonly results: Results;
  readonly project: Project | undefined;
}

function Tables({ id, results, project }: TablesProps): ReactElement {
  const everybody = usePeople().data;
  const people = useMemo(() => annotatorRows(results), [results]);
  const submissions = useMemo(() => submissionRows(results, everybody), [results, everybody]);
  const names = useMemo(() => objectNames(results), [results]);
  const agreement = useMemo(() => agreementColumns(names), [names]);
  const answers = useMemo(() => answerRows(results, project?.published ?? null, everybody), [results, project, everybody]);
  return (
    <>
      <Section title="By object" note={goldNote(results.labels)}>
        {results.labels.length === 0 ? (
          <EmptyState title="Nothing to compare with" action={<Link href={`/projects/${id}/tasks`}>Go to the tasks</Link>}>
            Scores need gold: give an asset that has it out as a gold test.
          </EmptyState>
        ) : (
          <DataTable
            caption="Results by object"
            columns={LABEL_COLUMNS}
            rows={results.labels}
            rowKey={(label) => `${label.object_id}`}
            csvName="results-by-object"
          />
        )}
      </Section>
      <Section title="By annotator" note="A gold test passes when every object does; sorted by the lower end of the interval">
        <DataTable
          caption="Results by annotator"
          columns={PERSON_COLUMNS}
          rows={results.annotators}
          rowKey={(row) => row.person.id}
          initialOrder={{ columnId: "gold-pass", descending: true }}
          csvName="results-by-annotator"
        />
      </Section>
      <Section title="By annotator and object" note="Against gold; the bar spans lowest to highest, the dot is the median">
        <DataTable
          caption="Results by annotator and object"
          columns={ANNOTATOR_COLUMNS}
          rows={people}
          rowKey={(row) => row.key}
          csvName="results-by-annotator-and-object"
        />
      </Section>
      <AssistanceByAnnotator id={id} />
      <Section title="Agreement" note="Between the submissions of one task">
        {results.agreement.length === 0 ? (
          <EmptyState title="Not enough data">Agreement needs two submissions of one task.</EmptyState>
        ) : (
          <DataTable
            caption="Agreement by task"
            columns={agreement}
            rows={results.agreement}
            rowKey={(row) => `${row.task_id} ${row.object_id}`}
            firstRows={LONG}
            csvName="agreement"
          />
        )}
      </Section>
      <Section title="By submission" note={counted(results.submissions.length, "submission", "submissions")}>
        <DataTable
          caption="Results by submission"
          columns={SUBMISSION_COLUMNS}
          rows={submissions}
          rowKey={(row) => row.key}
          initialOrder={{ columnId: "submitted", descending: true }}
          firstRows={LONG}
          csvName="results-by-submission"
        />
      </Section>
      {answers.length === 0 ? null : (
        <Section title="Answers" note="Choices and numbers; texts stay at the hospital">
          <DataTable
            caption="Answers"
            columns={ANSWER_COLUMNS}
            rows={answers}
            rowKey={(row) => row.key}
            firstRows={LONG}
            csvName="answers"
          />
        </Section>
      )}
    </>
  );
}

function goldNote(labels: readonly LabelResult[]): string {
  const compared = labels.reduce((total, label) => total + label.n, 0);
  return compared === 0 ? "Nothing has been compared with gold yet" : "Against gold, all annotators";
}
