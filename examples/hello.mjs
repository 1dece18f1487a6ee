// The program of the image "hello": says who it is, on port 8080, or where the network has it listen instead.
import { createServer } from 'node:http';

const { HOSTNAME: name, NEKUBE_PORT_8080: port = '8080', NEKUBE_LISTEN_ADDRESS: host = '0.0.0.0' } = process.env;
const server = createServer((request, response) => {
  console.log(`${request.method} ${request.url}`);
  response.end(`hello from ${name}\n`);
});
server.listen(Number(port), host, () => console.log(`${name} is open`));
process.once('SIGTERM', () => server.close(() => process.exit(0)));
