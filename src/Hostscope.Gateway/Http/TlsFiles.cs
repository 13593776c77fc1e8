using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Hostscope.Access;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Hostscope.Gateway.Http;

/// <summary>A certificate or key cannot be used; the message is for people and names the file.</summary>
/// <param name="message">One line.</param>
public sealed class TlsFileException(string message) : Exception(message);

/// <summary>
/// The certificate and key of a server, from two PEM files, read again when they change: whoever connects after a
/// renewal gets the new ones. Files that cannot be used are logged and change nothing.
/// </summary>
public sealed class TlsFiles
{
    private const UnixFileMode NotForKeys =
        UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(5);

    private readonly string _certificatePath;
    private readonly string _keyPath;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private SslStreamCertificateContext _current;
    private readonly RefusalLog _refusals;
    private (FileStamp, FileStamp) _seen;
    private long _lookedAt;

    /// <summary>Reads the files.</summary>
    /// <param name="certificatePath">The certificate, then those between it and the root, as PEM.</param>
    /// <param name="keyPath">Its private key, unencrypted, as PEM.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="TlsFileException">They cannot be used.</exception>
    public TlsFiles(string certificatePath, string keyPath, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        (_certificatePath, _keyPath, _time) = (certificatePath, keyPath, time);
        _refusals = new RefusalLog(time);
        _seen = Look();
        _lookedAt = time.GetTimestamp();
        _current = Load();
    }

    /// <summary>Serves an address by TLS 1.2 or 1.3, and HTTP/1.1 alone.</summary>
    /// <param name="listen">The address.</param>
    /// <param name="log">Gives the log, once there is one.</param>
    public void Serve(ListenOptions listen, Func<ILogger> log)
    {
        ArgumentNullException.ThrowIfNull(listen);
        listen.Protocols = HttpProtocols.Http1;
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = HandshakeTimeout,
            OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = Current(log),
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                ApplicationProtocols = [SslApplicationProtocol.Http11],
                AllowRenegotiation = false,
            }),
        });
    }

    private SslStreamCertificateContext Current(Func<ILogger> log)
    {
        lock (_lock)
        {
            if (_time.GetElapsedTime(_lookedAt) < LookEvery)
            {
                return _current;
            }

            _lookedAt = _time.GetTimestamp();
            if (Look() is var now && now != _seen && TryReload(log()))
            {
                _seen = now;
            }

            return _current;
        }
    }

    /// <summary>False when it is to be tried again: chmod mends a key that others may read, and changes no stamp.
    /// </summary>
    private bool TryReload(ILogger log)
    {
        try
        {
            _current = Load();
            Log.CertificateLoaded(log, _certificatePath, _current.TargetCertificate.NotAfter);
            return true;
        }
        catch (TlsFileException problem)
        {
            if (_refusals.Note(out _))
            {
                Log.CertificateRefused(log, problem.Message);
            }

            return false;
        }
    }

    private (FileStamp Certificate, FileStamp Key) Look() =>
        (FileStamp.Of(_certificatePath), FileStamp.Of(_keyPath));

    private SslStreamCertificateContext Load()
    {
        var chain = new X509Certificate2Collection();
        var path = _certificatePath;
        try
        {
            chain.ImportFromPem(File.ReadAllText(path));
            if (chain.Count == 0)
            {
                throw new TlsFileException(
                    $"{path}: holds no certificate; it should be PEM: -----BEGIN CERTIFICATE-----");
            }

            path = _keyPath;
            EnsureSecret(path);
            var key = File.ReadAllText(path);
            if (key.Contains("ENCRYPTED", StringComparison.Ordinal))
            {
                throw new TlsFileException($"{path}: the key is encrypted; give it without a password");
            }

            var leaf = X509Certificate2.CreateFromPem(chain[0].ExportCertificatePem(), key);
            return SslStreamCertificateContext.Create(leaf, [.. chain.Skip(1)], offline: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TlsFileException($"{path}: cannot be read: {exception.Message}");
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new TlsFileException(path == _keyPath
                ? $"{path}: is not the key of the certificate {_certificatePath}, as PEM: {exception.Message}"
                : $"{path}: is no certificate as PEM: {exception.Message}");
        }
    }

    private static void EnsureSecret(string path)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & NotForKeys) != 0)
        {
            throw new TlsFileException(
                $"{path}: others may read it or write it; it is a private key: chmod 600 {path}");
        }
    }
}
