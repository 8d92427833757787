// Runs the GraphQL-over-HTTP audits against a server: `node audits.js URL`.
// Exits with an error unless all audits pass, including those that only warn.
import { serverAudits } from "graphql-http";

const EXPECTED = 61;
const url = process.argv[2];
const audits = serverAudits({ url, fetchFn: fetch });

let ok = 0;
for (const audit of audits) {
  const result = await audit.fn();
  if (result.status === "ok") {
    ok += 1;
    continue;
  }
  const body = await result.response.text();
  console.error(`${result.status}: ${audit.id} ${audit.name}: ${result.reason}`);
  console.error(`  ${result.response.status} ${body.slice(0, 300)}`);
}
console.log(`${ok} of ${audits.length} audits are ok`);
process.exit(ok === EXPECTED && audits.length === EXPECTED ? 0 : 1);
