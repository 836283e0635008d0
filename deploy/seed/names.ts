/** A name as it is written, and in the letters that a username may have. */
type Name = readonly [written: string, plain: string];

const plain = (words: string): readonly Name[] =>
  words.split(' ').map((word) => [word, word.toLowerCase().replaceAll(/[^a-z]/g, '')] as const);

const pairs = (words: string): readonly Name[] =>
  words.split(' ').map((pair) => {
    const [written = '', letters = ''] = pair.split('=');
    return [written, letters] as const;
  });

/** First and last names that go together, common ones first. */
export interface NameStock {
  readonly first: readonly Name[];
  readonly last: readonly Name[];
  /** `王小明`: the family name first and no space between. */
  readonly familyFirst?: boolean;
}

export const COMMON: NameStock = {
  first: plain(
    'Anna James Maria John Emma David Laura Michael Sarah Daniel Julia Thomas Lisa Peter Eva Mark Nina Paul Clara Simon ' +
      'Alice Robert Helen George Irene Martin Rosa Victor Grace Oscar Ruth Felix Martha Hugo Agnes Arthur Edith Walter ' +
      'Iris Leo Vera Otto Nora Ivan Olga Max Ida Carl Ada Ben Lena Tim Zora Quinn Xenia Wanda Yann Uma',
  ),
  last: plain(
    'Smith Johnson Brown Miller Davis Garcia Wilson Martinez Anderson Taylor Thomas Moore Jackson Lee Harris Clark Lewis ' +
      'Walker Hall Young King Wright Hill Green Adams Baker Nelson Carter Mitchell Turner Parker Collins Edwards Stewart ' +
      'Morris Rogers Reed Cook Morgan Bell Murphy Bailey Cooper Howard Ward Gray Brooks Kelly Sanders Price Bennett Wood ' +
      "Ross Jenkins Perry Powell Long Hughes Flores Butler Foster O'Brien Vance Quigley Zimmer Xander Yates Usher Innes",
  ),
};

export const ACCENTED: NameStock = {
  first: pairs(
    'José=jose Zoë=zoe Jürgen=juergen Łukasz=lukasz Søren=soren Chloé=chloe Åsa=asa Çağla=cagla Dvořák=dvorak Élodie=elodie ' +
      'Ñusta=nusta Šárka=sarka',
  ),
  last: pairs(
    'Müller=mueller Núñez=nunez Øster=oster Żak=zak Björk=bjork Groß=gross Öztürk=oztuerk Lemaître=lemaitre Håkansson=hakansson ' +
      'Ångström=angstroem',
  ),
};

export const OTHER_SCRIPTS: readonly NameStock[] = [
  {
    first: pairs('小明=xiaoming 美玲=meiling 伟=wei 芳=fang'),
    last: pairs('王=wang 李=li 张=zhang 欧阳=ouyang'),
    familyFirst: true,
  },
  {
    first: pairs('Дмитрий=dmitri Анна=anna Ольга=olga Сергей=sergei'),
    last: pairs('Иванов=ivanov Соколова=sokolova Щукин=shchukin'),
  },
  { first: pairs('Ελένη=eleni Γιώργος=giorgos'), last: pairs('Παπαδόπουλος=papadopoulos Νικολάου=nikolaou') },
  { first: pairs('محمد=muhammad فاطمة=fatima'), last: pairs('حسن=hassan النجار=alnajjar') },
  { first: pairs('さくら=sakura 翔太=shota'), last: pairs('佐藤=sato 鈴木=suzuki'), familyFirst: true },
];
