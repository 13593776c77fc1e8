using System.Net;
using System.Text.RegularExpressions;
using Hostscope.Gateway.Admission;
using Microsoft.AspNetCore.Http;

namespace Hostscope.Gateway.Tests.Admission;

/// <summary>
/// Goal: logging in works without a script, leads nowhere else, and tells nothing. Method: the form as a browser sends
/// it, and as an attacker would.
/// </summary>
public sealed class LoginPageTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_page_leads_to_the_login_and_the_login_leads_back()
    {
        using var users = new TestUsers();
        await using var server = await users.StartServerAsync();
        var http = server.Http;
        using var page = await http.GetAsync("/h/web-1?at=12", Ct);
        Assert.Equal(HttpStatusCode.SeeOther, page.StatusCode);
        Assert.Equal("../login?to=h%2Fweb-1%3Fat%3D12", page.Headers.Location!.OriginalString);
        var form = await http.GetStringAsync("/login?to=h%2Fweb-1%3Fat%3D12", Ct);
        Assert.Contains("name=\"to\" value=\"h/web-1?at=12\"", form, StringComparison.Ordinal);
        using var answer = await PostAsync(http, "viewer", TestUsers.Password, "h/web-1?at=12");
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal("./h/web-1?at=12", answer.Headers.Location!.OriginalString);
        var cookie = answer.Headers.GetValues("Set-Cookie").Single();
        Assert.Matches(
            "^hostscope-local=[A-Za-z0-9_-]{43}; Path=/; Max-Age=604800; HttpOnly; SameSite=Strict$", cookie);
        using var back = await TestUsers.GetAsync(server, "/h/web-1", cookie.Split(';')[0]);
        Assert.Equal(HttpStatusCode.OK, back.StatusCode);
        using var signedIn = await TestUsers.GetAsync(server, "/login", cookie.Split(';')[0]);
        Assert.Contains("logged in as <strong>viewer</strong>", await signedIn.Content.ReadAsStringAsync(Ct),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/h/web-1", "../login?to=h%2Fweb-1")]
    [InlineData("/h/web-1/disks", "../../login?to=h%2Fweb-1%2Fdisks")]
    [InlineData("/", "login")]
    public void The_way_to_the_login_is_relative_for_proxies_with_a_prefix(string path, string address)
    {
        var http = new DefaultHttpContext();
        http.Request.Path = path;
        Assert.Equal(address, LoginAddress.For(http.Request));
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("h//evil.example")]
    [InlineData("h/../../../x")]
    [InlineData("javascript:alert(1)")]
    [InlineData("logout")]
    [InlineData("api/v1/session")]
    [InlineData("h/x\r\nSet-Cookie: a=b")]
    [InlineData("")]
    [InlineData(null)]
    public void After_the_login_no_other_site_can_be_the_aim(string? to) =>
        Assert.Equal("./", LoginAddress.After(to));

    [Fact]
    public async Task A_wrong_password_says_so_without_saying_what_was_wrong_and_escapes_what_was_typed()
    {
        using var users = new TestUsers();
        await using var server = await users.StartServerAsync();
        using var answer = await PostAsync(server.Http, "\"><script>alert(1)</script>", "x", "");
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        var html = await answer.Content.ReadAsStringAsync(Ct);
        Assert.Contains("role=\"alert\">The name or the password is wrong.<", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch(new Regex(" on[a-z]+=| style=|<style", RegexOptions.IgnoreCase), html);
        var line = Assert.Single(server.Log.With(4103));
        Assert.Contains("\"><script>alert(1)</script>", line.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_typed_name_cannot_forge_a_line_of_the_log()
    {
        using var users = new TestUsers();
        await using var server = await users.StartServerAsync();
        using var answer = await PostAsync(server.Http, "x\r\nWARN admin logged in\u001b[31m\u202e", "x", "");
        Assert.DoesNotMatch(@"[\x00-\x1f\x7f-\uffff]", Assert.Single(server.Log.With(4103)).Text);
    }

    [Fact]
    public async Task What_is_no_form_and_what_is_too_large_is_refused()
    {
        using var users = new TestUsers();
        await using var server = await users.StartServerAsync();
        using var json = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
        using var noForm = await server.Http.PostAsync("/login", json, Ct);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, noForm.StatusCode);
        foreach (var path in new[] { "/login", "/api/v1/session" })
        {
            using var large = new ByteArrayContent(new byte[LoginRoutes.BodyBytes + 1]);
            large.Headers.ContentType = new(path == "/login"
                ? "application/x-www-form-urlencoded" : "application/json");
            using var tooLarge = await server.Http.PostAsync(path, large, Ct);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, tooLarge.StatusCode);
        }
    }

    [Fact]
    public async Task The_form_is_told_when_to_try_again()
    {
        using var users = new TestUsers();
        await using var server = await users.StartServerAsync(options => options.Access.LoginBurst = 1);
        using var wrong = await PostAsync(server.Http, "viewer", "x", "");
        using var answer = await PostAsync(server.Http, "viewer", TestUsers.Password, "");
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.Equal("10", answer.Headers.GetValues("Retry-After").Single());
        Assert.Contains("Too many tries; try again in 10 s.", await answer.Content.ReadAsStringAsync(Ct),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nobody_has_to_log_in_there_is_no_login()
    {
        await using var server = await Server.StartAsync();
        var http = server.Http;
        using var answer = await http.GetAsync("/login", Ct);
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal("./", answer.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task The_login_page_keeps_its_origin_and_a_public_address_by_tls_is_remembered()
    {
        using var users = new TestUsers();
        await using var server = await users.StartServerAsync(
            options => options.Access.PublicUrl = new Uri("https://metrics.example.org"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/login");
        request.Headers.Host = "metrics.example.org";
        using var answer = await server.Http.SendAsync(request, Ct);
        Assert.Equal("same-origin", answer.Headers.GetValues("Referrer-Policy").Single());
        Assert.Equal("max-age=63072000", answer.Headers.GetValues("Strict-Transport-Security").Single());
        using var style = await server.Http.GetAsync("/login.css", Ct);
        Assert.Equal("text/css", style.Content.Headers.ContentType!.MediaType);
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient http, string user, string password, string to)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/login")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["user"] = user,
                ["password"] = password,
                ["to"] = to,
            }),
        };
        request.Headers.Add("Origin", http.BaseAddress!.GetLeftPart(UriPartial.Authority));
        return await http.SendAsync(request, Ct);
    }
}
