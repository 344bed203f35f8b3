// A process of its own, as Node reads its authorities (NODE_EXTRA_CA_CERTS) when it starts. It sends a GET to each URL in
// its arguments by the proxies of its environment, and prints the answers' bodies or the errors, as JSON.
import { sendWithRetry } from "../../../../src/internal/http/sendWithRetry";

async function main(): Promise<void> {
  const said: string[] = [];
  for (const url of process.argv.slice(2)) {
    said.push(
      await sendWithRetry({ url: new URL(url) }, { retries: 1, firstPauseMs: 1 }).then(
        ({ status, body }) => `${status} ${body}`,
        (error: Error) => `${error.name}: ${error.message}`,
      ),
    );
  }
  process.stdout.write(JSON.stringify(said));
}

void main();
