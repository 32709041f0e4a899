// @vitest-environment node
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { render } from "../../scripts/types_of_api.ts";

test("the types are those of the API's document", async () => {
  const kept = readFileSync(new URL("../../src/api/schema.d.ts", import.meta.url), "utf8");
  expect(kept, "run `npm run generate`").toBe(await render());
});
