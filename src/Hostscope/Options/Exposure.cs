using System.Net;

namespace Hostscope.Options;

/// <summary>Whom the addresses let in: what is refused, and what is said at each start.</summary>
internal static class Exposure
{
    /// <summary>Refuses addresses that cannot be served as it was said, or that let everybody in unasked.</summary>
    /// <param name="where">What to call the setting in a message.</param>
    /// <param name="listen">The addresses.</param>
    /// <param name="access">Who may look.</param>
    /// <param name="hasCertificate">Whether there is one for <c>https</c>.</param>
    /// <exception cref="StartRefusedException">It is refused.</exception>
    public static void Check(
        string where, IReadOnlyList<ListenAddress> listen, AccessSettings access, bool hasCertificate)
    {
        foreach (var address in listen)
        {
            if (address.IsTls && !hasCertificate)
            {
                throw new StartRefusedException(ExitCode.Configuration,
                    $"{where}: '{address}' needs a certificate; give {Settings.TlsCert.Option} and " +
                    $"{Settings.TlsKey.Option}, or serve http:// and put a proxy with the certificate before it");
            }

            if (!IPAddress.IsLoopback(address.Address) && !access.KnowsAnybody && !access.NoAuth)
            {
                throw new StartRefusedException(ExitCode.Configuration,
                    $"{where}: '{address}' can be reached from the network, and nobody would have to log in; " +
                    "make a user with 'hostscope user add NAME'; or listen on http://127.0.0.1:4678 and reach it " +
                    $"through an SSH tunnel or a proxy with a login; or say {Settings.NoAuth.Option} if everybody " +
                    "who reaches this address may see this machine");
            }
        }
    }

    /// <summary>What to say about what was said on purpose, one line each.</summary>
    public static IEnumerable<string> Warnings(IReadOnlyList<ListenAddress> listen, AccessSettings access)
    {
        foreach (var address in listen.Where(address => !IPAddress.IsLoopback(address.Address)))
        {
            if (access.NoAuth)
            {
                yield return $"{address} can be reached from the network, and nobody has to log in " +
                    $"({Settings.NoAuth.Option}): everybody who reaches it sees this machine";
            }
            else if (!address.IsTls)
            {
                yield return $"{address} is reached without TLS: passwords and tokens cross the network for all to " +
                    $"read, unless a proxy with a certificate stands before it; {Settings.TlsCert.Option} serves " +
                    "https://";
            }
        }

        // A proxy on this machine comes by loopback, as do those whom it lets through.
        if (access.PublicUrl is not { IsLoopback: false } url)
        {
            yield break;
        }

        if (access.NoAuth || access.IsOpenOnLoopback)
        {
            yield return $"People come by {url.GetLeftPart(UriPartial.Authority)} ({Settings.PublicUrl.Option}), and " +
                "nobody has to log in: everybody whom the proxy lets through sees this machine; make a user with " +
                "'hostscope user add NAME', unless the proxy asks for a login";
        }
        else if (url.Scheme != Uri.UriSchemeHttps)
        {
            yield return $"People come by {url.GetLeftPart(UriPartial.Authority)} ({Settings.PublicUrl.Option}), " +
                "without TLS: passwords and tokens cross the network for all to read";
        }
    }
}
