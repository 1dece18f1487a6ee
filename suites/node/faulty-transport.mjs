// A transport whose connections break: requests are not made, or their answers lost, and watches end in their midst.

/**
 * @param random a number from 0 to below 1
 * @param isOn whether connections break now
 */
export function faulty(transport, random, isOn) {
  const broken = () => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
  return {
    ...transport,
    async send(request) {
      if (isOn() && random() < 0.05) throw broken();
      const response = await transport.send(request);
      if (!request.path.includes('watch=')) {
        if (isOn() && random() < 0.05) {
          // it is done, and nobody is told
          for await (const _ of response.body);
          throw broken();
        }
        return response;
      }
      return { ...response, body: dropping(response.body, random, isOn, broken) };
    },
  };
}

async function* dropping(body, random, isOn, broken) {
  for await (const chunk of body) {
    if (isOn() && random() < 0.1) throw broken();
    yield chunk;
  }
}
