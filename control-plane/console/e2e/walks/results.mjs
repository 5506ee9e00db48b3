// Results, agreement, labels, and the pages of one task and one asset.

import assert from "node:assert/strict";

import { audit, csvOf, signIn, toProjectPage } from "../browser.mjs";

export const results = {
  async "a new submission shows within five seconds, undefined measures as a reason"({ page, state }) {
    await signIn(page);
    await toProjectPage(page, "Results");
    await page.getByText("9 submissions").waitFor();
    assert.ok((await page.getByRole("cell", { name: "both empty" }).count()) > 0);
    state.results.submissions.unshift({ ...state.results.submissions[0], id: "0a000001-5a1e-4b0c-9d2f-000000000005" });
    await page.getByText("10 submissions").waitFor({ timeout: 5000 });
  },

  async "annotators stand in the order of their lower bound, and few gold tests are called few"({ page }) {
    await signIn(page);
    await toProjectPage(page, "Results");
    const table = page.getByRole("group", { name: "Results by annotator", exact: true });
    await table.getByText("few tests (4 of 10)").waitFor();
    // A perfect 12 of 12 stands below 40 of 44: chance could have made it.
    const names = await table.locator("tbody tr td:first-child").allInnerTexts();
    assert.deepEqual(names.slice(0, 2), ["M. Keller", "A. Okafor"]);
    assert.equal(await table.getByTitle("40 of 44 gold tests passed; 95 % interval 0.79 to 0.96").count(), 1);
    assert.equal(await csvOf(page, "Results by annotator"), [
      "annotator,gold_pass_rate,gold_passes,gold_n,gold_pass_low,gold_pass_high,leave_one_out_median,leave_one_out_n,submissions,active_median_s,reading_median_s,idle_median_s,verdict_right_or_acceptable,verdicts_right,verdicts_acceptable,verdicts_wrong,verdicts_not_decidable,overrides",
      `M. Keller,${40 / 44},40,44,0.788,0.964,0.93,4,50,152,61,33,${12 / 13},9,3,1,2,3`,
      `A. Okafor,1,12,12,0.757,1,0.84,3,31,98,12,21,${6 / 11},4,2,5,0,11`,
      "S. Lindqvist,1,4,4,0.51,1,0.61,2,4,117,49,22,,0,0,0,1,0", "R. Tanaka,,0,0,,,,0,0,,,,,0,0,0,0,0", "",
    ].join("\r\n"));
  },

  async "agreement is a map and a table, by object, grey where tasks are few"({ page }) {
    await signIn(page);
    await toProjectPage(page, "Agreement");
    const map = page.getByRole("group", { name: "Agreement between annotators" });
    await map.getByRole("rowheader", { name: "M. Keller" }).waitFor();
    assert.equal(await map.locator('td[data-kind="enough"]').count(), 4);
    assert.equal(await map.locator('td[data-kind="few"]').count(), 2);
    assert.match(await map.locator('td[data-kind="few"]').first().getAttribute("title"), /not enough data \(4 of 5\)$/);
    const colours = await map.locator('td[data-kind="enough"]').evaluateAll((cells) => cells.map((cell) => getComputedStyle(cell).backgroundColor));
    assert.equal(new Set(colours).size, 2);
    await page.getByRole("textbox", { name: "Object" }).or(page.getByRole("combobox", { name: "Object" })).first().click();
    await page.getByRole("option", { name: "Lesion" }).click();
    await page.getByText("neither marked it", { exact: true }).waitFor();
    assert.equal(await csvOf(page, "Agreement by pair"), [
      "annotator,with,dice_mean,n,n_both_empty", "A. Okafor,S. Lindqvist,0.44,6,1", "A. Okafor,M. Keller,0.71,18,6",
      "M. Keller,S. Lindqvist,,0,3", "",
    ].join("\r\n"));
    assert.deepEqual(await audit(page), []);
    await page.getByRole("button", { name: "Use the dark theme" }).click();
    assert.deepEqual(await audit(page), []);
  },

  async "numbers that grow old are marked, and the page recovers"({ page, state }) {
    await signIn(page);
    await toProjectPage(page, "Results");
    await page.getByText("9 submissions").waitFor();
    state.down = true;
    await page.getByText(/the server does not answer. This page keeps trying/).first().waitFor();
    assert.ok(await page.getByText("9 submissions").isVisible());
    state.down = false;
    await page.getByText(/This page keeps trying/).first().waitFor({ state: "hidden" });
  },
};
