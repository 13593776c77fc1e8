using Hostscope.Gateway;
using Hostscope.Gateway.Http;
using Hostscope.Options;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Hostscope.Roles;

/// <summary>Hands the settings about access to the gateway and to Kestrel.</summary>
internal static class Gate
{
    /// <summary>Reads the certificate; <c>null</c> without one.</summary>
    /// <exception cref="StartRefusedException">It cannot be used.</exception>
    public static TlsFiles? Tls(HostscopeOptions options, TimeProvider clock)
    {
        try
        {
            return options.Tls is { } tls ? new TlsFiles(tls.Certificate, tls.Key, clock) : null;
        }
        catch (TlsFileException problem)
        {
            throw new StartRefusedException(ExitCode.Configuration, problem.Message);
        }
    }

    /// <summary>Listens where it was said.</summary>
    public static void Listen(
        KestrelServerOptions kestrel, IReadOnlyList<ListenAddress> addresses, TlsFiles? tls)
    {
        foreach (var address in addresses)
        {
            kestrel.Listen(address.Address, address.Port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                if (address.IsTls)
                {
                    tls!.Serve(listen, () => kestrel.ApplicationServices.GetRequiredService<ILoggerFactory>()
                        .CreateLogger("Hostscope.Gateway.Http"));
                }
            });
        }
    }

    /// <summary>Sets who may look, and the limits.</summary>
    public static void Configure(GatewayOptions gateway, HostscopeOptions options)
    {
        var settings = options.Access;
        var access = gateway.Access;
        access.UsersFile = settings.UsersFile;
        access.NoAuth = settings.NoAuth;
        access.IsOnNetwork = options.Listen.Any(listen => !System.Net.IPAddress.IsLoopback(listen.Address));
        access.PublicUrl = settings.PublicUrl;
        access.TrustedProxies = [.. settings.TrustedProxies];
        access.ProxySecret = settings.ProxySecret;
        access.ProxyRole = settings.ProxyRole ?? access.ProxyRole;
        foreach (var limit in options.Limits)
        {
            limit.Apply(gateway);
        }
    }

    /// <summary>
    /// What to say to whoever lets everybody of this machine look through our eyes, when ours see more than theirs.
    /// </summary>
    /// <returns>One line, or <c>null</c> when there is nothing to say.</returns>
    public static string? Warning(HostscopeOptions options)
    {
        var seesMore = Environment.IsPrivilegedProcess || HasCapabilities();
        return seesMore && options.Access.IsOpenOnLoopback
            ? "Runs as root or with capabilities, and nobody has to log in: every user of this machine sees through " +
                "it what only root may; make a user with 'hostscope user add NAME', or run it as a user of its own"
            : null;
    }

    /// <summary>Whether the kernel lets us do more than an everyday process (proc(5), <c>CapEff</c>).</summary>
    private static bool HasCapabilities()
    {
        try
        {
            return File.ReadLines("/proc/self/status").Any(line =>
                line.StartsWith("CapEff:", StringComparison.Ordinal) && line.AsSpan(7).Trim().Trim('0').Length > 0);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
