/** Writes `src/api/schema.d.ts` from the API's document; `tests/api/schema.test.ts` holds it to be current. */

import { writeFileSync } from "node:fs";
import { render } from "./types_of_api.ts";

writeFileSync(new URL("../src/api/schema.d.ts", import.meta.url), await render());
