import assert from 'node:assert/strict';
import { Gateway } from '../../infra/components/gateway.ts';
import type { Run } from '../../blueprints/testing.ts';
import { balancer, listOf, network, record, revealed } from './recording.ts';

const LISTENER = 'arn:aws:elasticloadbalancing:us-east-1:111111111111:listener/app/mlops/1/2';

describe('gateway', () => {
  let made: Run;

  before(async () => {
    made = await record(() => {
      const gateway = new Gateway('mlops', {
        network,
        balancer: balancer(),
        certificate: undefined,
        secret: 'the-secret-of-the-gateway',
        logRetentionDays: 90,
      });
      return { url: gateway.url, invokeArn: gateway.invokeArn };
    });
  });

  it('is an HTTP API with two routes, a VPC link and an access log', () => {
    assert.deepEqual(listOf(made.resources), [
      'Api mlops',
      'Integration mlops-signed',
      'Integration mlops-webhooks',
      'LogGroup mlops-access',
      'Route mlops-signed',
      'Route mlops-webhooks',
      'Stage mlops',
      'VpcLink mlops',
    ]);
    assert.deepEqual(made.outputs.invokeArn, 'arn:aws:execute-api:us-east-1:111111111111:abc/$default/*/*');
  });

  it('lets everything in that is signed, and nothing else but webhooks', () => {
    const routes = made.resources.filter(({ type }) => type.endsWith(':Route')).map(({ inputs }) => inputs);
    assert.deepEqual(routes.map(({ routeKey, authorizationType }) => [routeKey, authorizationType]).sort(), [
      ['ANY /{proxy+}', 'AWS_IAM'],
      ['POST /webhooks/{provider}', 'NONE'],
    ]);
  });

  it('overwrites the caller with the one that signed, and shows the service its secret', () => {
    const { inputs } = made.find('Integration', 'mlops-signed');
    // One secret in a map makes a secret of the map.
    const parameters = revealed(inputs.requestParameters);
    assert.ok(parameters.secret);
    assert.deepEqual(
      { ...inputs, requestParameters: parameters.value },
      {
        apiId: 'mlops-id',
        integrationType: 'HTTP_PROXY',
        integrationMethod: 'ANY',
        integrationUri: LISTENER,
        connectionType: 'VPC_LINK',
        connectionId: 'mlops-id',
        payloadFormatVersion: '1.0',
        timeoutMilliseconds: 30_000,
        requestParameters: {
          'overwrite:header.x-mlops-caller': '$context.identity.userArn',
          'overwrite:header.x-mlops-gateway-secret': 'the-secret-of-the-gateway',
        },
      },
    );
  });

  it('gives a webhook neither caller nor secret, whatever it sends', () => {
    const { inputs } = made.find('Integration', 'mlops-webhooks');
    assert.deepEqual(inputs.requestParameters, {
      'remove:header.x-mlops-caller': "''",
      'remove:header.x-mlops-gateway-secret': "''",
    });
    assert.ok(!JSON.stringify(inputs).includes('the-secret'));
  });

  it('reaches into the private subnets through its own security group', () => {
    const { inputs } = made.find('VpcLink');
    assert.deepEqual(inputs, { subnetIds: ['subnet-1', 'subnet-2'], securityGroupIds: ['sg-gateway'] });
  });

  it('speaks TLS to the load balancer where that has a certificate', async () => {
    const withCertificate = await record(() => {
      new Gateway('mlops', {
        network,
        balancer: balancer(),
        certificate: { arn: 'arn:aws:acm:us-east-1:111111111111:certificate/1', domain: 'mlops.example.com' },
        secret: 'x',
        logRetentionDays: 90,
      });
    });
    for (const name of ['mlops-signed', 'mlops-webhooks']) {
      assert.deepEqual(withCertificate.find('Integration', name).inputs.tlsConfig, {
        serverNameToVerify: 'mlops.example.com',
      });
      assert.equal(made.find('Integration', name).inputs.tlsConfig, undefined);
    }
  });

  it('logs every access, with who called', () => {
    const { accessLogSettings, name } = made.find('Stage').inputs as {
      name: string;
      accessLogSettings: { format: string };
    };
    assert.equal(name, '$default');
    assert.equal((JSON.parse(accessLogSettings.format) as { caller: string }).caller, '$context.identity.userArn');
    assert.equal(made.find('LogGroup').inputs.name, '/aws/vendedlogs/apigateway/mlops-mlops-id');
  });
});
