/** What CodeBuild does: log in, build, push. Pure. */

/**
 * Names come in as environment variables, so that no text of a request is ever part of a command.
 * @see https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
 */
export function buildspec(): string {
  return JSON.stringify({
    version: 0.2,
    env: { shell: 'bash', 'exported-variables': ['IMAGE_DIGEST'] },
    phases: {
      pre_build: {
        commands: [
          'aws ecr get-login-password | docker login --username AWS --password-stdin "$REGISTRY"',
          // Zips made on Windows lose the mode, and SageMaker runs these two.
          'find . -type f \\( -iname serve -o -iname train \\) -exec chmod 755 {} +',
        ],
      },
      build: { commands: ['docker build --tag "$IMAGE_URI" .'] },
      post_build: {
        commands: [
          // CodeBuild comes here after a failed build too.
          'test "$CODEBUILD_BUILD_SUCCEEDING" = 1',
          'docker push "$IMAGE_URI"',
          'export IMAGE_DIGEST=$(docker inspect --format "{{index .RepoDigests 0}}" "$IMAGE_URI" | cut -d@ -f2)',
          'echo "$IMAGE_URI@$IMAGE_DIGEST"',
        ],
      },
    },
  });
}
