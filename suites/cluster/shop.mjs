// The program of the image registry.example/shop: a server that says what its configuration has, and a client of it.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const [verb, argument] = process.argv.slice(2);
if (verb === 'ask') await ask(argument);
else serve(argument.replace('--config=', ''));

/** Tries until it is answered: a service may need a moment. */
async function ask(url) {
  for (;;) {
    try {
      console.log(await (await fetch(url)).text());
      return;
    } catch {
      await sleep(100);
    }
  }
}

function serve(config) {
  const { NEKUBE_PORT_HTTP: port = '8080', NEKUBE_LISTEN_ADDRESS: host = '0.0.0.0', POD_NAME, CODE } = process.env;
  const greeting = readFileSync(`${config}/greeting`, 'utf8');
  const server = createServer((_, response) => response.end(`${greeting} from ${POD_NAME} ${CODE}`));
  server.listen(Number(port), host, () => console.log(`${POD_NAME} is open`));
  process.once('SIGTERM', () => {
    console.log(`${POD_NAME} closes`);
    process.exit(0);
  });
}
