import openapiTS, { astToString } from "openapi-typescript";

const DOCUMENT = new URL("../../components/api/openapi.yaml", import.meta.url);

/** The API's types, as TypeScript. */
export async function render(): Promise<string> {
  const nodes = await openapiTS(DOCUMENT, { alphabetize: false, silent: true });
  return `// Generated from components/api/openapi.yaml by \`npm run generate\`.\n\n${astToString(nodes)}`;
}
