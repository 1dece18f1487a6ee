/** Parameters that say where a reader came from, on any site. */
const ANYWHERE = new Set(
  (
    'fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid twclid ttclid igshid igsh li_fat_id mc_cid mc_eid mkt_tok _hsenc _hsmi ' +
    '__hstc __hssc __hsfp hsctatracking vero_id vero_conv ck_subscriber_id oly_anon_id oly_enc_id rb_clickid wickedid ' +
    'ref_src ref_url guccounter guce_referrer guce_referrer_sig ncid cmpid _openstat at_medium at_campaign at_custom1 ' +
    'source_code sc_campaign sc_channel sc_content sc_country sc_geo sc_outcome pk_campaign pk_kwd pk_keyword pk_source pk_medium pk_content pk_cid trk trkinfo trkemail ' +
    'amp_js_v amp_gsa amp_ct amp_kit usqp aoh'
  ).split(' '),
);

const PREFIXES = ['utm_', 'mtm_', 'matomo_', 'hsa_'];

/** Parameters that say so on some sites, and mean something on others. */
const ON_HOSTS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/(^|\.)(twitter|x)\.com$/, ['s', 't', 'ref']],
  [/(^|\.)(aliyun|alibabacloud|alibaba|taobao)\.com$/, ['spm']],
  [/(^|\.)youtube\.com$/, ['si', 'feature', 'pp', 'ab_channel', 't', 'start', 'app']],
  [/(^|\.)medium\.com$|^towardsdatascience\.com$/, ['source', 'sk', 'gi', 'postPublishedType']],
  [/(^|\.)substack\.com$/, ['r', 'publication_id', 'post_id', 'isFreemail', 'triedRedirect', 'showWelcomeOnShare']],
  [/(^|\.)reddit\.com$/, ['share_id', 'rdt', 'context', 'ref', 'ref_source']],
  [/(^|\.)linkedin\.com$/, ['originalSubdomain', 'rcm', 'lipi']],
  [/(^|\.)github\.com$/, ['notification_referrer_id', 'source', 'email_source', 'email_token']],
  [
    /(^|\.)(dev\.to|producthunt\.com|lobste\.rs|hackernoon\.com|infoq\.com)$/,
    ['ref', 'source', 'topicPageSponsorship', 'itm_source', 'itm_medium', 'itm_campaign'],
  ],
];

/** True if a parameter of a page at `host` tells nothing of the page, but of how a reader came to it. */
export function isTracking(host: string, parameter: string): boolean {
  const name = parameter.toLowerCase();
  if (ANYWHERE.has(name) || PREFIXES.some((prefix) => name.startsWith(prefix))) return true;
  return ON_HOSTS.some(([hosts, names]) => hosts.test(host) && names.includes(parameter));
}
