using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Hostscope.Gateway.Tests;

namespace Hostscope.Proxy.Tests;

/// <summary>Which of the two ways to serve Hostscope, and under which path.</summary>
public enum Variant
{
    /// <summary>hostscope.conf: a name of its own.</summary>
    OwnName,

    /// <summary>hostscope-prefix.conf: <c>/hostscope/</c> of another site.</summary>
    Prefix,
}

/// <summary>
/// The nginx of the system with the files of deploy/nginx, in a directory of a test's own. Only addresses, paths and
/// the certificate are put in their place; every other line is what we ship.
/// </summary>
internal sealed partial class Nginx : IAsyncDisposable
{
    /// <summary>The name that the shipped files have, and that the tests ask for.</summary>
    public const string Name = "metrics.example.org";

    private const int Sighup = 1;
    private const int Sigquit = 3;

    private readonly string _directory = Directory.CreateTempSubdirectory("hostscope-nginx-").FullName;
    private readonly StringBuilder _errors = new();
    private Process? _process;

    private Nginx(Variant variant, int backendPort, int workerShutdownSeconds)
    {
        Port = FreePort();
        RedirectPort = FreePort();
        Prefix = variant == Variant.Prefix ? "/hostscope" : "";
        Write(variant, backendPort, workerShutdownSeconds);
    }

    /// <summary>Port of TLS on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Port of plain HTTP, which leads to TLS.</summary>
    public int RedirectPort { get; }

    /// <summary>What stands before each path: nothing, or <c>/hostscope</c>.</summary>
    public string Prefix { get; }

    /// <summary>Host header and rest of the origin, as a browser has them.</summary>
    public string Authority => $"{Name}:{Port}";

    /// <summary>Lines of the access log so far: one for each request that nginx took for one.</summary>
    public IReadOnlyList<string> AccessLog
    {
        get
        {
            using var file = new FileStream(
                InDirectory("hostscope.log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(file);
            return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
    }

    /// <summary>The requests of <see cref="AccessLog"/> that were handed to Hostscope.</summary>
    public int HandedOn => AccessLog.Count(line => !line.EndsWith(" -", StringComparison.Ordinal));

    /// <summary>Starts it before a back end.</summary>
    /// <param name="variant">Which files.</param>
    /// <param name="backendPort">Where Hostscope is, on 127.0.0.1.</param>
    /// <param name="workerShutdownSeconds">How long old workers go on after a reload; 0 for ever.</param>
    public static async Task<Nginx> StartAsync(Variant variant, int backendPort, int workerShutdownSeconds = 0)
    {
        var nginx = new Nginx(variant, backendPort, workerShutdownSeconds);
        nginx._process = nginx.Run("-g", "daemon off;");
        await Eventually.True(nginx.IsListening, "nginx listens");
        return nginx;
    }

    /// <summary>What <c>nginx -t</c> says of the files.</summary>
    public static async Task<(int ExitCode, string Words)> TestAsync(Variant variant)
    {
        await using var nginx = new Nginx(variant, backendPort: 4678, workerShutdownSeconds: 0);
        using var test = nginx.Run("-t");
        await test.WaitForExitAsync(TestContext.Current.CancellationToken);
        test.WaitForExit(); // The last words, too.
        return (test.ExitCode, nginx.Words());
    }

    /// <summary>Reads the files anew, as <c>systemctl reload nginx</c> does.</summary>
    public void Reload() => Assert.Equal(0, Kill(_process!.Id, Sighup));

    /// <summary>An HTTP client that asks for our name and takes our certificate.</summary>
    public HttpClient Client() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ResponseDrainTimeout = TimeSpan.Zero,
        ConnectCallback = (_, cancellation) => ConnectAsync(cancellation),
        SslOptions = Tls(),
    })
    {
        BaseAddress = new Uri($"https://{Authority}{Prefix}/"),
        Timeout = Eventually.Deadline,
    };

    /// <summary>TLS that trusts our certificate, for our name, and no other.</summary>
    public SslClientAuthenticationOptions Tls() => new()
    {
        TargetHost = Name,
        CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { X509Certificate2.CreateFromPem(File.ReadAllText(InDirectory("certificate.pem"))) },
            RevocationMode = X509RevocationMode.NoCheck,
        },
    };

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            _ = Kill(_process.Id, Sigquit);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
                _process.WaitForExit();
            }
        }

        _process?.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async ValueTask<Stream> ConnectAsync(CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, Port, cancellation);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private string InDirectory(string name) => Path.Combine(_directory, name);

    private string Words()
    {
        lock (_errors)
        {
            return _errors.ToString();
        }
    }

    private bool IsListening()
    {
        Assert.False(_process!.HasExited, $"nginx has ended: {Words()}");
        try
        {
            using var probe = new TcpClient();
            probe.Connect(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private Process Run(params string[] arguments)
    {
        string[] places = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"];
        var program = places.FirstOrDefault(File.Exists);
        Assert.True(program is not null, "nginx is not here; on Debian it comes with nginx-light.");
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(
                program!, ["-p", _directory, "-c", InDirectory("nginx.conf"), "-e", "stderr", .. arguments])
            {
                RedirectStandardError = true,
            },
        };
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
            {
                _errors.AppendLine(line.Data);
            }
        };
        process.Start();
        process.BeginErrorReadLine();
        return process;
    }

    private void Write(Variant variant, int backendPort, int workerShutdownSeconds)
    {
        WriteCertificate();
        Directory.CreateDirectory(InDirectory("snippets"));
        WriteShipped("hostscope-common.conf", "common.conf", backendPort);
        WriteShipped("hostscope-proxy.conf", "snippets/hostscope-proxy.conf", backendPort);
        WriteShipped("hostscope-prefix.conf", "snippets/hostscope-prefix.conf", backendPort);
        WriteShipped("hostscope.conf", "hostscope.conf", backendPort);
        var user = Environment.IsPrivilegedProcess ? "user root;" : "";
        var patience = workerShutdownSeconds > 0 ? $"worker_shutdown_timeout {workerShutdownSeconds}s;" : "";
        var site = variant == Variant.OwnName ? $"include {_directory}/hostscope.conf;" : $$"""
            server {
                    listen 127.0.0.1:{{Port}} ssl;
                    server_name {{Name}};
                    ssl_certificate {{_directory}}/certificate.pem;
                    ssl_certificate_key {{_directory}}/key.pem;
                    include snippets/hostscope-prefix.conf;
                }
            """;
        File.WriteAllText(InDirectory("nginx.conf"), $$"""
            {{user}}
            pid {{_directory}}/nginx.pid;
            worker_processes 2;
            {{patience}}
            events { worker_connections 512; }
            http {
                client_body_temp_path {{_directory}}/body;
                proxy_temp_path {{_directory}}/proxy;
                fastcgi_temp_path {{_directory}}/fastcgi;
                uwsgi_temp_path {{_directory}}/uwsgi;
                scgi_temp_path {{_directory}}/scgi;
                access_log off;
                include {{_directory}}/common.conf;
                {{site}}
            }
            """);
    }

    private void WriteShipped(string name, string place, int backendPort)
    {
        var text = File.ReadAllText(Path.Combine(Root(), "deploy", "nginx", name));
        (string From, string To)[] places =
        [
            ("listen 443 ssl;", $"listen 127.0.0.1:{Port} ssl;"),
            ("listen [::]:443 ssl;", $"listen 127.0.0.2:{Port} ssl;"),
            ("listen 80;", $"listen 127.0.0.1:{RedirectPort};"),
            ("listen [::]:80;", $"listen 127.0.0.2:{RedirectPort};"),
            ("127.0.0.1:4678", $"127.0.0.1:{backendPort}"),
            ($"/etc/ssl/certs/{Name}.pem", InDirectory("certificate.pem")),
            ($"/etc/ssl/private/{Name}.key", InDirectory("key.pem")),
            ("/var/log/nginx/", _directory + "/"),
        ];
        File.WriteAllText(InDirectory(place), places.Aggregate(
            text, (current, one) => current.Replace(one.From, one.To, StringComparison.Ordinal)));
    }

    private void WriteCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Name);
        request.CertificateExtensions.Add(names.Build());
        var now = DateTimeOffset.UtcNow;
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
        File.WriteAllText(InDirectory("certificate.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(InDirectory("key.pem"), key.ExportPkcs8PrivateKeyPem());
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Hostscope.slnx")))
        {
            folder = Path.GetDirectoryName(folder)
                ?? throw new InvalidOperationException("The tests must run from a build below the repository.");
        }

        return folder;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
