/**
 * The characters that texts of a language are made of, and how frequent they are. A part's characters divide its share of all that is not ASCII
 * evenly; a character counts for the first part that has it. The shares are rough: they need only tell which of several readings of the same bytes
 * is a text.
 */
export interface Language {
  /** Those that it is written in. */
  readonly encodings: readonly string[];
  readonly parts: readonly (readonly [characters: string, share: number])[];
  /** By encoding, the shares of all its other characters, which are named by the range of their first bytes. */
  readonly rows: Readonly<Record<string, readonly (readonly [from: number, to: number, share: number])[]>>;
  /** What follows a character that is not ASCII: another one, a letter of ASCII, or else. */
  readonly next: { readonly same: number; readonly letter: number; readonly other: number };
  /**
   * For a language with capitals, of which `parts` has the small letters: what follows a letter, and begins a word (` `), the most frequent first.
   * What is frequent is so in both cases, and a text in capitals is known by its pairs alone where the other reading is one in small letters.
   */
  readonly follows?: Readonly<Record<string, string>>;
}

const WIDE_MARKS = '，。、；：？！（）“”‘’《》「」『』【】…—·・〜～％＋－／　';

const JAPANESE: Language = {
  encodings: ['euc-jp', 'shift_jis'],
  parts: [
    ['のにはをたがでてとしるいなっれさかもすら', 0.34],
    [
      'まりくあこうきんよけせだそえおつめみどやわじちろげびばへべほねぎぐござずぞふぶむゆょゅゃぁぃぇぉづぬひぱぴぷぺぽぼ',
      0.1,
    ],
    [
      'ーンストルリアイラクシドタレジフプロコテマメサバグデムナビューィャョッカキケセソチツニネノハヒヘホミモヤユヨワヲウエオガギゲゴザズゼゾダヂヅブベボパピペポァゥェォヴ',
      0.16,
    ],
    ['、。・「」（）！？：【】『』…～〜　々', 0.08],
    [
      '日一国年大十二本中長出三時行見月後前生五間上東四今金九入学高円子外八六下来気小七山話女北午百書先名川千水半男西電校語土木車食何南万毎白天人分会者事新自社発的業員立実部内定同合理所地方対場動問代度相主現関当全目明体力持作最意通要用性記化取使設回表変不加公法手物開期報正成結想数制機心情必強世界件題産経約議総提政連海道知重点原因安利進治受特活市野調平初計統論示与予選教続料向直格信在認決保資務規画技術解線果含環境構能応導管権限編集追更新削除参考紹介週号版次可指処装確説注私達第感思言違',
      0.2,
    ],
  ],
  rows: {
    'euc-jp': [
      [0xb0, 0xcf, 0.1],
      [0xa1, 0xa8, 0.01],
      [0xd0, 0xf4, 0.004],
      [0x8e, 0x8e, 0.001],
    ],
    shift_jis: [
      [0x88, 0x97, 0.1],
      [0x81, 0x84, 0.01],
      [0x98, 0xea, 0.004],
      [0xa1, 0xdf, 0.003],
      [0xed, 0xfc, 0.0005],
      [0x87, 0x87, 0.001],
    ],
  },
  next: { same: 0.9, letter: 0.03, other: 0.07 },
};

const SIMPLIFIED: Language = {
  encodings: ['gb18030'],
  parts: [
    ['的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说', 0.3],
    [WIDE_MARKS, 0.1],
    [
      '产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近千周委素技备半办青省列习响约支般史感劳便团往历市克何除消构府称太准精值号率族维划选标写存候亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属包火住调满县局照参红细引听该价严软云网络服版源码户项署库址页志',
      0.42,
    ],
  ],
  rows: {
    gb18030: [
      [0xb0, 0xd7, 0.17],
      [0xa1, 0xa9, 0.005],
      [0xd8, 0xf7, 0.008],
      [0x81, 0xa0, 0.0005],
      [0xaa, 0xfe, 0.0005],
    ],
  },
  next: { same: 0.9, letter: 0.03, other: 0.07 },
};

const TRADITIONAL: Language = {
  encodings: ['big5'],
  parts: [
    ['的一是在不了有和人這中大為上個國我以要他時來用們生到作地於出就分對成會可主發年動同工也能下過子說', 0.3],
    [WIDE_MARKS, 0.1],
    [
      '產種面而方後多定行學法所民得經十三之進著等部度家電力裡如水化高自二理起小物現實加量都兩體制機當使點從業本去把性好應開它合還因由其些然前外天政四日那社義事平形相全表間樣與關各重新線內數正心反你明看原又麼利比或但質氣第向道命此變條只沒結解問意建月公無系軍很情者最立代想已通並提直題黨程展五果料象員革位入常文總次品式活設及管特件長求老頭基資邊流路級少圖山統接知較將組見計別她手角期根論運農指幾九區強放決西被幹做必戰先回則任取據處隊南給色光門即保治北造百規熱領七海口東導器壓志世金增爭濟階油思術極交受聯什認六共權收證改清己美再採轉更單風切打白教速花帶安場身車例真務具萬每目至達走積示議聲報鬥完類八離華名確才科張信馬節話米整空元況今集溫傳土許步群廣石記需段研界拉林律叫且究觀越織裝影算低持音眾書布複容兒須際商非驗連斷深難近千週委素技備半辦青省列習響約支般史感勞便團往歷市克何除消構府稱太準精值號率族維劃選標寫存候親快效斯院查江型眼王按格養易置派層片始卻專狀育廠京識適屬包火住調滿縣局照參紅細引聽該價嚴軟雲端網伺服版佈援源碼案介庫叢署站灣臺台頁誌',
      0.42,
    ],
  ],
  rows: {
    big5: [
      [0xa4, 0xc6, 0.17],
      [0xa1, 0xa3, 0.005],
      [0xc9, 0xf9, 0.008],
      [0x81, 0xa0, 0.0003],
      [0xfa, 0xfe, 0.0003],
    ],
  },
  next: { same: 0.9, letter: 0.03, other: 0.07 },
};

const KOREAN: Language = {
  encodings: ['euc-kr'],
  parts: [
    ['이다에는의을가고하지로기도한사를은인서대시자그리어정나수아일해보스것', 0.45],
    [
      '전제들장과부여주으상안만조라구있치원유동게면경성마비선미국계우무신관세중소드공진개방생화트입실말적러없문했할용연물레오습니까발업식민위현금교산명양단남던타내간토또때같재통체행학결심역영당반각분석배포프워크네클터버데새운능컨테너쿠와않되된될합임즈블록차최근잘못더큰많모두바른저설왔였음직접품질환점회번달년월째및별능력축험',
      0.42,
    ],
    [WIDE_MARKS, 0.01],
  ],
  rows: {
    'euc-kr': [
      [0xb0, 0xc8, 0.11],
      [0xa1, 0xac, 0.004],
      [0xca, 0xfd, 0.004],
      [0x81, 0xa0, 0.001],
    ],
  },
  next: { same: 0.7, letter: 0.02, other: 0.28 },
};

/** The order is counted in 1.3 million letters of the Russian messages of 89 programs. */
const RUSSIAN_PAIRS: Readonly<Record<string, string>> = {
  ' ': 'пснвоидкузтрфбмаэчлгеяшцх',
  а: 'нтлзйрвмкседчпябцгжюхщшуёи',
  б: 'лорыаукещинъцхсяд',
  в: 'аоеыилнкурствхмяпщш',
  г: 'оруаинелдгмвсб',
  д: 'аеолинурдпсжквыёячшмгхз',
  е: 'нртлсмдквйгжзпчоещцишбха',
  ж: 'еиндаукбосё',
  з: 'аомндвыуяиеркблс',
  и: 'смтеянрйкзилвбчцдфюпгахшож',
  й: 'лстдкномевчршпи',
  к: 'аоилрсуетцнвэж',
  л: 'ьиоеяаюнужыбчкёлсг',
  м: 'еоаыиявунмпбсклё',
  н: 'иеоаынтдусякфьгзюц',
  о: 'влдсртбкмгнпйжзешчоицях',
  п: 'ораеиулпыкнт',
  р: 'аоеиуынжтмсвгхшкярдп',
  с: 'токияплеьсауымвнхбршчж',
  т: 'ьоаеирсвнкуылмчп',
  у: 'дсетпмкюрнщжчлгбзйфвашэ',
  ф: 'аиоурелтфь',
  х: 'оиреанвусэмтб',
  ц: 'иеаывоукпс',
  ч: 'еианткёоуль',
  ш: 'иеакнролётуьсв',
  щ: 'еиаёьун',
  ъ: 'еяё',
  ы: 'йхевтмлпркбдзшчсг',
  ь: 'знсктшюцяемоб',
  э: 'тлкшнфсрмгйпвд',
  ю: 'чщтжрбндюскм',
  я: 'етвзнюмдярхщцсчлйкбгж',
  ё: 'нтрмлсджхзвкг',
};

const RUSSIAN: Language = {
  encodings: ['windows-1251', 'koi8-r'],
  parts: [
    ['о', 0.107],
    ['еа', 0.16],
    ['инт', 0.2],
    ['срвл', 0.187],
    ['кмдпу', 0.148],
    ['яыьгзбч', 0.115],
    ['йхжшю', 0.044],
    ['цщэф', 0.014],
    ['іїєёґўъ', 0.004],
    ['«»—–“”„…№\u00a0', 0.015],
  ],
  rows: { 'windows-1251': [[0x80, 0xff, 0.0005]], 'koi8-r': [[0x80, 0xff, 0.0005]] },
  next: { same: 0.83, letter: 0.005, other: 0.165 },
  follows: RUSSIAN_PAIRS,
};

const WESTERN: Language = {
  encodings: ['windows-1252'],
  parts: [
    ['éèàçüöäßñóíáâêôãõåøæúëïîûœ', 0.72],
    ['’“”–—…«»‘°\u00a0¿¡€£©®™·•„', 0.2],
    ['ÉÀÇÜÖÄÑÓÍÁÂÊÔÃÕÅØÆÚÈìòùýðþºª½²', 0.07],
  ],
  rows: { 'windows-1252': [[0x80, 0xff, 0.01]] },
  next: { same: 0.03, letter: 0.65, other: 0.32 },
};

const LANGUAGES = [JAPANESE, SIMPLIFIED, TRADITIONAL, KOREAN, RUSSIAN, WESTERN];

/** The encodings that a language is written in, with the language. */
export const LANGUAGE_OF: ReadonlyMap<string, Language> = new Map(
  LANGUAGES.flatMap((language) => language.encodings.map((encoding) => [encoding, language] as const)),
);
