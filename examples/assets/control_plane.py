import pathlib, socket, subprocess, tempfile, time, urllib.request, ssl

def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]

def wait(url):
    context = ssl._create_unverified_context() if url.startswith("https") else None
    for _ in range(600):
        try:
            return urllib.request.urlopen(url, context=context)
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(url)

class ControlPlane:
    """kube-apiserver and etcd of a folder such as $KUBEBUILDER_ASSETS."""

    def __init__(self, assets):
        self.dir = tempfile.TemporaryDirectory()
        dir, etcd, port = pathlib.Path(self.dir.name), free_port(), free_port()
        (dir / "tokens.csv").write_text('secret,admin,admin,"system:masters"\n')
        subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", dir / "sa.key"], check=True)
        self.url, client = f"https://127.0.0.1:{port}", f"http://127.0.0.1:{etcd}"
        self.etcd = subprocess.Popen([f"{assets}/etcd", f"--data-dir={dir}/etcd", f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}", f"--listen-peer-urls=http://127.0.0.1:{free_port()}", "--unsafe-no-fsync"])
        wait(f"{client}/health")
        self.server = subprocess.Popen([f"{assets}/kube-apiserver", f"--etcd-servers={client}", "--bind-address=127.0.0.1",
            f"--secure-port={port}", f"--cert-dir={dir}/certs", "--authorization-mode=RBAC", f"--token-auth-file={dir}/tokens.csv",
            f"--service-account-issuer={self.url}/", f"--service-account-key-file={dir}/sa.key",
            f"--service-account-signing-key-file={dir}/sa.key", "--service-cluster-ip-range=10.0.0.0/24",
            "--disable-admission-plugins=ServiceAccount"])
        wait(f"{self.url}/healthz")

    def stop(self):
        for process in (self.server, self.etcd):
            process.terminate()
            process.wait()
        self.dir.cleanup()
