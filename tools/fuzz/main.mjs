// npm run fuzz -- [NAME] …: `api` compares with a real kube-apiserver (the default), `gateway` has a real Envoy judge.
const [name, ...rest] = process.argv.slice(2);
const program = name === 'gateway' ? './gateway.mjs' : '../fuzz.mjs';
if (name === 'gateway' || name === 'api') process.argv.splice(2, process.argv.length, ...rest);
await import(program);
