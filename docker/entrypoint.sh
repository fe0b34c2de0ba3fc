#!/bin/sh
# The Pulumi CLI writes beside its plugins, which are in the read-only image: its home is made in /tmp, with a link to them.
set -e
mkdir -p "$PULUMI_HOME"
ln -sfn /opt/pulumi/plugins "$PULUMI_HOME/plugins"
exec "$@"
