import { bounded } from 'nekube/definitions';
import * as words from './schema-words.ts';

const { list, object, oneOf, text, whole, withRules } = bounded;

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'];

const cors = object(
  'What pages of other origins may do.',
  {
    allowOrigins: list(
      'Origins as in https://shop.example or https://*.shop.example, or * for all.',
      text('An origin.', { pattern: '^(\\*|https?://(\\*\\.)?[A-Za-z0-9.-]+(:[0-9]{1,5}|:\\*)?)$' }),
    ),
    allowCredentials: words.flag('Cookies and the like may be sent.'),
    allowMethods: list('Methods, or *. Default GET, HEAD, POST.', oneOf('A method.', [...METHODS, '*'])),
    allowHeaders: list('Headers of requests, or *.', words.headerName('A name.')),
    exposeHeaders: list('Headers of answers that pages see, or *.', words.headerName('A name.')),
    maxAge: whole('Seconds that a browser may keep the answer. Default 5.', 1, { maximum: 2_147_483_647 }),
  },
  ['allowOrigins'],
);

const provider = withRules(
  object(
    'Whose tokens are good.',
    {
      name: text('What rules call it.'),
      issuer: text('Who must have issued the token. Default: anyone whose keys these are.', { maxLength: 1024 }),
      audiences: list('The token must be for one of these.', text('An audience.', { maxLength: 1024 })),
      localJWKS: withRules(
        object('Keys that are known.', {
          inline: text('The keys as a JWKS.', { maxLength: 65_536 }),
          configMapRef: words.objectRef('A ConfigMap with a key jwks.', 'ConfigMap'),
        }),
        { rule: 'has(self.inline) != has(self.configMapRef)', message: 'must have one of inline and configMapRef' },
      ),
      remoteJWKS: object(
        'Keys that are asked for.',
        {
          uri: text('Where.', { maxLength: 1024, pattern: '^https?://[^/]+(/.*)?$' }),
          backendRef: words.backendRef('Who is asked. Default: the host of uri, by DNS and TLS.'),
          cacheDuration: words.duration('Default 5m.'),
        },
        ['uri'],
      ),
      from: object('Where a request has the token. Default: Authorization: Bearer.', {
        headers: list(
          'In headers.',
          object(
            'A header.',
            { name: words.headerName('Its name.'), prefix: text('Before the token.', { maxLength: 64 }) },
            ['name'],
          ),
        ),
        params: list('In parameters of the query.', text('A name.')),
        cookies: list('In cookies.', text('A name.')),
      }),
      claimToHeaders: list(
        'What the backend is told of the token.',
        object(
          'A claim.',
          { claim: text('Its name; a dot leads below it.'), header: words.headerName('Where it is told.') },
          ['claim', 'header'],
        ),
      ),
    },
    ['name'],
  ),
  { rule: 'has(self.localJWKS) != has(self.remoteJWKS)', message: 'must have one of localJWKS and remoteJWKS' },
);

const keyPlace = withRules(
  object('A place.', {
    header: words.headerName('A header.'),
    param: text('A parameter of the query.'),
    cookie: text('A cookie.'),
  }),
  {
    rule: '[has(self.header), has(self.param), has(self.cookie)].exists_one(one, one)',
    message: 'must have one of header, param and cookie',
  },
);

const rule = object(
  'All that it says must hold.',
  {
    name: text('What logs call it.'),
    action: oneOf('What becomes of the request.', ['Allow', 'Deny']),
    clientCIDRs: list('The client is of one of these networks.', words.cidr('A network.')),
    methods: list('The method is one of these.', oneOf('A method.', METHODS)),
    headers: list(
      'Each header has one of its values.',
      object(
        'A header.',
        { name: words.headerName('Its name.'), values: list('Its values.', text('A value.', { maxLength: 1024 })) },
        ['name', 'values'],
      ),
    ),
    jwt: object(
      'The token.',
      {
        provider: text('Of this provider.'),
        scopes: list('Has all of these scopes.', text('A scope.')),
        claims: list(
          'Has for each claim one of its values.',
          object(
            'A claim.',
            {
              name: text('Its name; a dot leads below it.'),
              values: list('Its values.', text('A value.', { maxLength: 1024 })),
            },
            ['name', 'values'],
          ),
        ),
      },
      ['provider'],
    ),
  },
  ['action'],
);

/** The spec of a SecurityPolicy. */
export const securityPolicySpec = object(
  'Who may, and how that is known.',
  {
    targetRefs: words.targetRefs('Gateways (or one of their listeners), and routes (or one of their rules).', [
      'Gateway',
      'ListenerSet',
      'HTTPRoute',
      'GRPCRoute',
    ]),
    cors,
    jwt: object(
      'Requests need a token.',
      {
        optional: words.flag('Requests without one go on; those with a wrong one do not.'),
        providers: list('One of these must have signed it.', provider, { maxItems: 8 }),
      },
      ['providers'],
    ),
    basicAuth: object(
      'Requests need a name and a password.',
      {
        secretRef: words.objectRef('A Secret with a key .htpasswd, hashed with SHA-1 ({SHA}…).', 'Secret'),
        forwardUsernameHeader: words.headerName('The backend is told the name here.'),
      },
      ['secretRef'],
    ),
    apiKeys: object(
      'Requests need a key.',
      {
        secretRefs: list(
          'Secrets whose keys are ids of clients, and values their keys.',
          words.objectRef('A Secret.', 'Secret'),
          { maxItems: 16 },
        ),
        from: list('Where the key is; the first that is there counts.', keyPlace, { maxItems: 8 }),
        forwardClientIDHeader: words.headerName('The backend is told the id of the client here.'),
        sanitize: words.flag('The key is not sent on.'),
      },
      ['secretRefs', 'from'],
    ),
    externalAuth: object(
      'A service decides.',
      {
        protocol: oneOf('GRPC: ext_authz of Envoy. HTTP: any answer of 200 is a yes.', ['GRPC', 'HTTP']),
        backendRef: words.backendRef('The service.'),
        path: text('Before the path of the request, with HTTP.', { maxLength: 1024, pattern: '^/' }),
        allowedHeaders: list('Headers that the service sees beside those it always does.', words.headerName('A name.')),
        allowedResponseHeaders: list(
          'Headers of its answer that the backend sees, with HTTP.',
          words.headerName('A name.'),
        ),
        forwardBodyBytes: words.bytes('So much of the body is shown to the service.'),
      },
      ['protocol', 'backendRef'],
    ),
    authorization: object('Rules, of which the first that fits counts.', {
      defaultAction: oneOf('Where none fits. Default Deny.', ['Allow', 'Deny']),
      rules: list('In this order; without any all requests get defaultAction.', rule),
    }),
  },
  ['targetRefs'],
);
