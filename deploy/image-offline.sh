#!/usr/bin/env bash
# Makes an image from npm's and Debian's packages alone: without a registry of images, and without a container
# engine. Node is the one of pnpm-lock.yaml; the system is five packages of Debian's, of which only files stay that Node reads.
#
#   npx -y pnpm@12 install && deploy/image-offline.sh [program [file]]
#       the program: server (by default), agent or sample-plugin; the file: by default dist/<image>-image.tar
#   docker load --input dist/muster-image.tar
#       gives the image muster:<version>, muster-agent:<version> or muster-sample-plugin:<version>
#
# One source, and the same packages, give the same file to the byte. Its time is SOURCE_DATE_EPOCH, by default the commit's.
set -euo pipefail
umask 022
cd "$(dirname "$0")/.."
program=${1:-server}
case $program in
  server) name=muster ;;
  agent | sample-plugin) name=muster-$program ;;
  *)
    echo "expected server, agent or sample-plugin; got $program" >&2
    exit 1
    ;;
esac
image=$(realpath -m "${2:-dist/$name-image.tar}")
version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' "packages/$program/package.json")
revision=$(git rev-parse HEAD 2> /dev/null || echo unknown)
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2> /dev/null || echo 0)}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
system=$work/system app=$work/app
mkdir -p "$work/debs" "$system" "$app/app" "$work/image" "$(dirname "$image")"

echo 'The program' >&2
# Where the image's user may write; nowhere by default.
writable=
case $program in
  server | agent)
    npx -y pnpm@12 exec turbo run bundle --filter="@muster/$program" --output-logs=new-only --log-prefix=none >&2
    cp -r "packages/$program/dist/." "$app/app"
    ;;&
  server)
    cp deploy/healthcheck.mjs "$app/app"
    writable=data
    ;;
  agent) writable=var/lib/muster-agent ;;
  sample-plugin)
    # Its libraries read files beside themselves, so it isn't one file.
    npx -y pnpm@12 --filter "@muster/$program" deploy --prod --legacy --config.node-linker=hoisted "$work/deployed" >&2
    cp -rL "$work/deployed/." "$app/app"
    # These have times in them, and commands that nobody runs.
    rm -rf "$app"/app/{bin,node_modules/{.pnpm,.modules.yaml,.pnpm-workspace-state-v1.json}}
    find "$app/app" -name .bin -prune -exec rm -rf {} +
    ;;
esac

echo 'The system: packages of Debian' >&2
packages=(libc6 libstdc++6 libgcc-s1 base-files ca-certificates)
(cd "$work/debs" && apt-get download -qq -o APT::Sandbox::User=root "${packages[@]}" >&2)
for deb in "$work"/debs/*.deb; do
  dpkg-deb --extract "$deb" "$system"
  # Scanners of images read here which packages there are.
  mkdir -p "$system/var/lib/dpkg/status.d"
  dpkg-deb --field "$deb" > "$system/var/lib/dpkg/status.d/$(dpkg-deb --field "$deb" Package)"
done
# What a script of the package would do: the authorities in one file.
mkdir -p "$system/etc/ssl/certs"
find "$system/usr/share/ca-certificates" -name '*.crt' -print0 | LC_ALL=C sort -z | xargs -0 cat > "$system/etc/ssl/certs/ca-certificates.crt"
printf 'root:x:0:0::/:/sbin/nologin\nmuster:x:65532:65532::/app:/sbin/nologin\n' > "$system/etc/passwd"
printf 'root:x:0:\nmuster:x:65532:\n' > "$system/etc/group"
printf 'hosts: files dns\n' > "$system/etc/nsswitch.conf"
mkdir -p "$system/tmp"
# Node needs no scripts, manuals and encodings, and has the time zones in itself; copyright files stay.
rm -rf "$system"/usr/sbin "$system"/usr/lib/*/gconv "$system"/etc/{update-motd.d,profile.d,default}
rm -rf "$system"/usr/share/{ca-certificates,man,locale,lintian,bug,base-files,gcc,gdb}
find "$system/usr/share/doc" -type f ! -name copyright -delete
find "$system" -type d -empty -not -path "$system/tmp" -delete

echo 'Node, of the lockfile' >&2
node=$(readlink -f node_modules/node/bin/node)
install -D "$node" "$system/usr/bin/node"
# Root alone writes, and no program runs as its owner.
chmod -R u=rwX,go=rX,a-s "$system" "$app"
chmod 1777 "$system/tmp"

archive() { # <folder> <owner> <path>...: as a tar that depends on nothing but the files
  local folder=$1 owner=$2
  shift 2
  tar --create --directory "$folder" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --format=gnu \
    --owner="$owner" --group="$owner" --numeric-owner "$@"
}
archive "$system" 0 . > "$work/image/system.tar"
archive "$app" 0 ./app > "$work/image/app.tar"
layers=(system.tar app.tar)
if [[ $writable ]]; then
  mkdir -p "$app/$writable"
  archive "$app" 65532 "./$writable" > "$work/image/data.tar"
  layers+=(data.tar)
fi

echo 'The image' >&2
node - "$work/image" "deploy/images/$program.json" "$name:$version" "$revision" "$(dpkg --print-architecture)" "${layers[@]}" << 'JS'
const { createHash } = require('node:crypto');
const { readFileSync, writeFileSync } = require('node:fs');
const [folder, configFile, tag, revision, architecture, ...layers] = process.argv.slice(2);
const config = JSON.parse(readFileSync(configFile, 'utf8'));
Object.assign(config.Labels, {
  'org.opencontainers.image.version': tag.split(':')[1],
  'org.opencontainers.image.revision': revision,
});
const hash = (name) => `sha256:${createHash('sha256').update(readFileSync(`${folder}/${name}`)).digest('hex')}`;
const created = new Date(Number(process.env.SOURCE_DATE_EPOCH) * 1000).toISOString();
const image = {
  created,
  architecture,
  os: 'linux',
  config,
  rootfs: { type: 'layers', diff_ids: layers.map(hash) },
  history: layers.map((layer) => ({ created, created_by: `deploy/image-offline.sh: ${layer}` })),
};
writeFileSync(`${folder}/config.json`, JSON.stringify(image));
writeFileSync(`${folder}/manifest.json`, JSON.stringify([{ Config: 'config.json', RepoTags: [tag], Layers: layers }]));
JS
archive "$work/image" 0 manifest.json config.json "${layers[@]}" > "$image"
printf '%s: %s:%s, %s MB\n' "$image" "$name" "$version" "$(($(stat --format=%s "$image") / 1000000))"
