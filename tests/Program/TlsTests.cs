using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Hostscope.Program.Tests;

/// <summary>
/// Goal: TLS from two PEM files that may change while it runs; no HTTP/2, no old protocol, no key that others may read.
/// Method: the published binary with certificates of the test's own.
/// </summary>
public sealed class TlsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_serves_by_tls_and_takes_a_new_certificate_without_a_restart()
    {
        using var scratch = new Scratch();
        var first = Write(scratch, "first");
        await using var server = await StartAsync(scratch);
        Assert.Equal("https", server.Address.Scheme);
        Assert.Equal(first, await ThumbprintAsync(server));

        var second = Write(scratch, "second");
        using var deadline = new CancellationTokenSource(Server.Deadline);
        using var rounds = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await ThumbprintAsync(server) != second)
        {
            await rounds.WaitForNextTickAsync(deadline.Token);
        }

        // One that is no certificate changes nothing, and is said.
        scratch.Write("tls.pem", "nothing of the kind");
        while (!server.Error.Lines.Any(line => line.Contains("certificate of before stays", StringComparison.Ordinal)))
        {
            Assert.Equal(second, await ThumbprintAsync(server));
            await rounds.WaitForNextTickAsync(deadline.Token);
        }

        Assert.Equal(second, await ThumbprintAsync(server));
    }

    [Fact]
    public async Task A_login_by_tls_gives_a_cookie_for_tls()
    {
        using var scratch = new Scratch();
        Write(scratch, "first");
        var users = scratch.File("users.json");
        await AccessTests.AddAsync(users, "anna", "viewer");
        await using var server = await StartAsync(scratch, "--users", users);
        using var handler = new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, certificate, _, _) => certificate is not null,
            UseCookies = false,
        };
        using var http = new HttpClient(handler) { BaseAddress = server.Address };
        using var login = await AccessTests.LogInAsync(http, "correct horse battery");
        var cookie = login.Headers.GetValues("Set-Cookie").Single();
        Assert.StartsWith("__Host-hostscope=", cookie, StringComparison.Ordinal);
        Assert.Contains("; HttpOnly; Secure; SameSite=Strict", cookie, StringComparison.Ordinal);
        http.DefaultRequestHeaders.Add("Cookie", cookie.Split(';')[0]);
        var me = await http.GetFromJsonAsync<JsonElement>("/api/v1/session", Ct);
        Assert.Equal("anna", me.GetProperty("user").GetString());
    }

    [Fact]
    public async Task Http_2_and_old_protocols_are_not_spoken()
    {
        using var scratch = new Scratch();
        Write(scratch, "first");
        await using var server = await StartAsync(scratch);
        using var both = await ConnectAsync(server, options =>
            options.ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11]);
        Assert.Equal(SslApplicationProtocol.Http11, both.NegotiatedApplicationProtocol);
        Assert.True(both.SslProtocol is SslProtocols.Tls12 or SslProtocols.Tls13);
        await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(server, options =>
            options.ApplicationProtocols = [SslApplicationProtocol.Http2]));
    }

    [Fact]
    public async Task A_key_that_others_may_read_or_that_is_another_ones_stops_the_start()
    {
        using var scratch = new Scratch();
        Write(scratch, "first");
        var (certificate, key) = (scratch.File("tls.pem"), scratch.File("tls.key"));
        Scratch.SetMode(key, "644");
        await using var open = await RefusedAsync(scratch);
        Assert.Equal(
            [$"hostscope: {key}: others may read it or write it; it is a private key: chmod 600 {key}"],
            open.Error.Lines);

        var before = await File.ReadAllTextAsync(certificate, Ct);
        Write(scratch, "second");
        await File.WriteAllTextAsync(certificate, before, Ct);
        await using var other = await RefusedAsync(scratch);
        Assert.StartsWith(
            $"hostscope: {key}: is not the key of the certificate {certificate}, as PEM: ",
            Assert.Single(other.Error.Lines), StringComparison.Ordinal);
        Assert.Equal(78, await other.EndAsync());
    }

    private static Task<Server> StartAsync(Scratch scratch, params string[] arguments) => Server.StartAsync(
    [
        "--listen", "https://127.0.0.1:0", "--tls-cert", scratch.File("tls.pem"), "--tls-key", scratch.File("tls.key"),
        .. arguments,
    ]);

    private static Task<Server> RefusedAsync(Scratch scratch) => Server.RunAsync(
        [], "--listen", "https://127.0.0.1:0", "--tls-cert", scratch.File("tls.pem"), "--tls-key",
        scratch.File("tls.key"));

    /// <summary>Writes a certificate of the test's own, and its key, over the ones of before.</summary>
    private static string Write(Scratch scratch, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(
            DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(150));
        var path = scratch.File("tls.key");
        File.Delete(path);
        File.WriteAllText(path, key.ExportPkcs8PrivateKeyPem());
        Scratch.SetMode(path, "600");
        scratch.Write("tls.pem", certificate.ExportCertificatePem());
        return certificate.Thumbprint;
    }

    private static async Task<string> ThumbprintAsync(Server server)
    {
        using var stream = await ConnectAsync(server, _ => { });
        using var certificate = new X509Certificate2(stream.RemoteCertificate!);
        return certificate.Thumbprint;
    }

    private static async Task<SslStream> ConnectAsync(Server server, Action<SslClientAuthenticationOptions> configure)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, server.Address.Port, Ct);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
        };
        configure(options);
        await stream.AuthenticateAsClientAsync(options, Ct);
        return stream;
    }
}
