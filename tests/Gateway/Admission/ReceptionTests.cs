using System.Net;
using Hostscope.Access;
using Hostscope.Gateway.Admission;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Hostscope.Gateway.Tests.Admission;

/// <summary>
/// S-02. Goal: a server that nobody can log in to, or only scripts, is open to its own machine and to no other. Method:
/// requests that came to the addresses that a server on all of them has.
/// </summary>
public sealed class ReceptionTests
{
    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.0.0.2", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("192.0.2.1", false)]
    [InlineData("::ffff:192.0.2.1", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData(null, false)]
    public void Without_users_only_what_comes_to_loopback_is_let_in(string? cameTo, bool isLetIn)
    {
        var time = new FakeTimeProvider();
        using var book = new AccessBook(null, time);
        var sessions = new SessionTable(new SessionLimits(TimeSpan.FromHours(1), TimeSpan.FromDays(1), 1), time);
        var reception = new Reception(book, sessions, Options.Create(new GatewayOptions()));
        var http = new DefaultHttpContext();
        http.Connection.LocalIpAddress = cameTo is null ? null : IPAddress.Parse(cameTo);
        http.Connection.RemoteIpAddress = IPAddress.Loopback; // Where it says that it comes from does not count.
        Assert.Equal(isLetIn ? IdentityKind.Open : IdentityKind.Nobody, reception.Receive(http).Kind);
    }
}
