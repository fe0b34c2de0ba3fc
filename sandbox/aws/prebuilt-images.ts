/**
 * Accounts that hold SageMaker's own images, by family and region, and which repository belongs to which family.
 * Like the real function this needs no call and checks neither that the image nor that its tag exists.
 * @see https://www.pulumi.com/registry/packages/aws/api-docs/sagemaker/getprebuiltecrimage/
 */
import { refuse } from './aws-errors.ts';

type Accounts = Readonly<Record<string, string>>;

/** Regions in which all the first-party algorithms share one account. */
const SHARED: Accounts = {
  'ap-east-1': '286214385809',
  'ap-south-1': '991648021394',
  'ap-southeast-1': '475088953585',
  'ca-central-1': '469771592824',
  'cn-north-1': '390948362332',
  'cn-northwest-1': '387376663083',
  'eu-north-1': '669576153137',
  'eu-west-2': '644912444149',
  'eu-west-3': '749696950732',
  'me-south-1': '249704162688',
  'sa-east-1': '855470959533',
  'us-gov-west-1': '226302683700',
  'us-west-1': '632365934929',
};

const BLAZINGTEXT: Accounts = {
  ...SHARED,
  'ap-northeast-1': '501404015308',
  'ap-northeast-2': '306986355934',
  'ap-southeast-2': '544295431143',
  'eu-central-1': '813361260812',
  'eu-west-1': '685385470294',
  'us-east-1': '811284229777',
  'us-east-2': '825641698319',
  'us-west-2': '433757028032',
};

const DEEPAR: Accounts = {
  ...SHARED,
  'ap-northeast-1': '633353088612',
  'ap-northeast-2': '204372634319',
  'ap-southeast-2': '514117268639',
  'eu-central-1': '495149712605',
  'eu-west-1': '224300973850',
  'us-east-1': '522234722520',
  'us-east-2': '566113047672',
  'us-west-2': '156387875391',
};

const FIRST_PARTY: Accounts = {
  ...SHARED,
  'ap-northeast-1': '351501993468',
  'ap-northeast-2': '835164637446',
  'ap-southeast-2': '712309505854',
  'eu-central-1': '664544806723',
  'eu-west-1': '438346466558',
  'us-east-1': '382416733822',
  'us-east-2': '404615174143',
  'us-west-2': '174872318107',
};

const LDA: Accounts = {
  'ap-northeast-1': '258307448986',
  'ap-northeast-2': '293181348795',
  'ap-south-1': '991648021394',
  'ap-southeast-1': '475088953585',
  'ap-southeast-2': '297031611018',
  'ca-central-1': '469771592824',
  'eu-central-1': '353608530281',
  'eu-west-1': '999678624901',
  'eu-west-2': '644912444149',
  'us-east-1': '766337827248',
  'us-east-2': '999911452149',
  'us-gov-west-1': '226302683700',
  'us-west-1': '632365934929',
  'us-west-2': '266724342769',
};

const XGBOOST: Accounts = {
  'af-south-1': '510948584623',
  'ap-east-1': '651117190479',
  'ap-northeast-1': '354813040037',
  'ap-northeast-2': '366743142698',
  'ap-south-1': '720646828776',
  'ap-southeast-1': '121021644041',
  'ap-southeast-2': '783357654285',
  'ca-central-1': '341280168497',
  'cn-north-1': '450853457545',
  'cn-northwest-1': '451049120500',
  'eu-central-1': '492215442770',
  'eu-north-1': '662702820516',
  'eu-south-1': '978288397137',
  'eu-west-1': '141502667606',
  'eu-west-2': '764974769150',
  'eu-west-3': '659782779980',
  'me-south-1': '801668240914',
  'sa-east-1': '737474898029',
  'us-east-1': '683313688378',
  'us-east-2': '257758044811',
  'us-gov-west-1': '414596584902',
  'us-west-1': '746614075791',
  'us-west-2': '246618743249',
};

const MODEL_MONITOR: Accounts = {
  'af-south-1': '875698925577',
  'ap-east-1': '001633400207',
  'ap-northeast-1': '574779866223',
  'ap-northeast-2': '709848358524',
  'ap-northeast-3': '990339680094',
  'ap-south-1': '126357580389',
  'ap-southeast-1': '245545462676',
  'ap-southeast-2': '563025443158',
  'ap-southeast-3': '669540362728',
  'ca-central-1': '536280801234',
  'cn-north-1': '453000072557',
  'cn-northwest-1': '453252182341',
  'eu-central-1': '048819808253',
  'eu-north-1': '895015795356',
  'eu-south-1': '933208885752',
  'eu-south-2': '437450045455',
  'eu-west-1': '468650794304',
  'eu-west-2': '749857270468',
  'eu-west-3': '680080141114',
  'il-central-1': '843974653677',
  'me-central-1': '588750061953',
  'me-south-1': '607024016150',
  'sa-east-1': '539772159869',
  'us-east-1': '156813124566',
  'us-east-2': '777275614652',
  'us-west-1': '890145073186',
  'us-west-2': '159807026194',
};

const CLARIFY: Accounts = {
  'af-south-1': '811711786498',
  'ap-east-1': '098760798382',
  'ap-northeast-1': '377024640650',
  'ap-northeast-2': '263625296855',
  'ap-northeast-3': '912233562940',
  'ap-south-1': '452307495513',
  'ap-southeast-1': '834264404009',
  'ap-southeast-2': '007051062584',
  'ap-southeast-3': '705930551576',
  'ca-central-1': '675030665977',
  'cn-north-1': '122526803553',
  'cn-northwest-1': '122578899357',
  'eu-central-1': '017069133835',
  'eu-north-1': '763603941244',
  'eu-south-1': '638885417683',
  'eu-west-1': '131013547314',
  'eu-west-2': '440796970383',
  'eu-west-3': '341593696636',
  'me-south-1': '835444307964',
  'sa-east-1': '520018980103',
  'us-east-1': '205585389593',
  'us-east-2': '211330385671',
  'us-gov-west-1': '598674086554',
  'us-west-1': '740489534195',
  'us-west-2': '306415355426',
};

/** Families with one account nearly everywhere: `*` stands for the regions that are not named. */
const DEEP_LEARNING: Accounts = {
  '*': '763104351884',
  'af-south-1': '626614931356',
  'ap-east-1': '871362719292',
  'cn-north-1': '727897471807',
  'cn-northwest-1': '727897471807',
  'eu-south-1': '692866216735',
  'me-south-1': '217643126080',
  'us-gov-west-1': '442386744353',
};

const FRAMEWORKS: Accounts = {
  '*': '520713654638',
  'ap-east-1': '057415533634',
  'me-south-1': '724002660598',
  'us-gov-west-1': '246785580436',
};

/** Families whose accounts the sandbox has no table for: known repositories, but no answer. */
const NO_TABLE: Accounts = {};

const FAMILIES: readonly (readonly [Accounts, string])[] = [
  [BLAZINGTEXT, 'blazingtext image-classification object-detection semantic-segmentation seq2seq'],
  [DEEPAR, 'forecasting-deepar'],
  [FIRST_PARTY, 'factorization-machines ipinsights kmeans knn linear-learner ntm object2vec pca randomcutforest'],
  [LDA, 'lda'],
  [XGBOOST, 'sagemaker-xgboost sagemaker-scikit-learn sagemaker-sparkml-serving'],
  [MODEL_MONITOR, 'sagemaker-model-monitor-analyzer'],
  [CLARIFY, 'sagemaker-clarify-processing'],
  [
    DEEP_LEARNING,
    'autogluon-inference autogluon-training djl-inference huggingface-pytorch-inference ' +
      'huggingface-pytorch-inference-neuron huggingface-pytorch-inference-neuronx huggingface-pytorch-tgi-inference ' +
      'huggingface-pytorch-training huggingface-pytorch-training-neuronx huggingface-pytorch-trcomp-training ' +
      'huggingface-tensorflow-inference huggingface-tensorflow-training huggingface-tensorflow-trcomp-training ' +
      'mxnet-inference mxnet-inference-eia mxnet-training pytorch-inference pytorch-inference-eia ' +
      'pytorch-inference-graviton pytorch-inference-neuronx pytorch-training pytorch-training-neuronx ' +
      'pytorch-trcomp-training stabilityai-pytorch-inference tensorflow-inference tensorflow-inference-eia ' +
      'tensorflow-inference-graviton tensorflow-training',
  ],
  [
    FRAMEWORKS,
    'sagemaker-chainer sagemaker-mxnet sagemaker-mxnet-eia sagemaker-mxnet-serving sagemaker-mxnet-serving-eia ' +
      'sagemaker-pytorch sagemaker-tensorflow sagemaker-tensorflow-eia sagemaker-tensorflow-scriptmode ' +
      'sagemaker-tensorflow-serving sagemaker-tensorflow-serving-eia',
  ],
  [
    NO_TABLE,
    'image-classification-neo sagemaker-base-python sagemaker-data-wrangler-container sagemaker-debugger-rules ' +
      'sagemaker-geospatial-v1-0 sagemaker-inference-mxnet sagemaker-inference-pytorch sagemaker-inference-tensorflow ' +
      'sagemaker-neo-mxnet sagemaker-neo-pytorch sagemaker-neo-tensorflow sagemaker-rl-coach-container ' +
      'sagemaker-rl-mxnet sagemaker-rl-ray-container sagemaker-rl-tensorflow sagemaker-rl-vw-container ' +
      'sagemaker-spark-processing sagemaker-tritonserver tei tei-cpu xgboost-neo',
  ],
];

const BY_REPOSITORY: ReadonlyMap<string, Accounts> = new Map(
  FAMILIES.flatMap(([accounts, names]) => names.split(' ').map((name) => [name, accounts] as const)),
);

/** The repositories that the function takes, sorted. */
export const REPOSITORIES: readonly string[] = [...BY_REPOSITORY.keys()].sort();

/** @returns the account of the registry. @throws AwsRefusal for a repository nobody knows, or one that is not in the region. */
export function registryOf(repository: string, region: string): string {
  const accounts = BY_REPOSITORY.get(repository);
  if (!accounts) {
    refuse(
      'InvalidParameter',
      `expected repository_name to be one of ${JSON.stringify(REPOSITORIES)}, got ${repository}`,
    );
  }
  const account = accounts[region] ?? accounts['*'];
  return (
    account ?? refuse('NotFound', `no registry ID available for region (${region}) and repository (${repository})`)
  );
}
