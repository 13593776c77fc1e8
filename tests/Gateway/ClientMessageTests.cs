using System.Text;
using CsCheck;
using Hostscope.Gateway.Live;
using Hostscope.Model;

namespace Hostscope.Gateway.Tests;

/// <summary>
/// Goal: whatever a viewer sends, it is understood or refused with words, and nothing is thrown. Method: cases by hand;
/// random bytes; and every prefix and every one-byte change of a good message.
/// </summary>
public sealed class ClientMessageTests
{
    private const string Good = """{"type":"subscribe","topics":["system","cores"],"id":"\u00e4"}""";

    /// <summary>Most bytes of a reason in a close frame (RFC 6455, section 5.5: 125, two of them the code).</summary>
    private const int MaxReasonBytes = 123;

    [Theory]
    [InlineData("""{"type":"subscribe","topics":["system"]}""", Topics.System)]
    [InlineData("""{"topics":["cores","cores"],"type":"subscribe","more":[1,{}]}""", Topics.Cores)]
    [InlineData("""{"type":"subscribe","topics":[]}""", Topics.None)]
    public void A_subscription_is_read(string text, Topics topics)
    {
        var message = Parse(text);
        Assert.Equal((ClientMessageKind.Subscribe, topics), (message.Kind, message.Topics));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"type":5}""")]
    [InlineData("""{"type":"frame"}""")]
    [InlineData("""{"type":"subscribe"}""")]
    [InlineData("""{"type":"subscribe","topics":"system"}""")]
    [InlineData("""{"type":"subscribe","topics":["systen"]}""")]
    [InlineData("""{"type":"subscribe","topics":[1]}""")]
    [InlineData("""{"type":"resync","type":"subscribe"}""")]
    [InlineData("""{"type":"resync"}{"type":"resync"}""")]
    [InlineData("""{"type":"resync",}""")]
    [InlineData("""{"type":"\ud800"}""")]
    [InlineData("""{"type":"subscribe","topics":["\udc00"]}""")]
    [InlineData("""{"type":"resync","a":[[[[[[[[[[]]]]]]]]]]}""")]
    public void What_is_no_message_is_refused_in_words_that_fit_a_close_frame(string text) => CheckRefused(Parse(text));

    [Fact]
    public void More_than_sixty_four_topics_are_refused() => CheckRefused(Parse(
        $$"""{"type":"subscribe","topics":[{{string.Join(",", Enumerable.Repeat("\"cores\"", 65))}}]}"""));

    [Fact]
    public void Random_bytes_never_throw() => Gen.Byte.Array[0, 200].Sample(bytes => Check(ClientMessage.Parse(bytes)));

    [Fact]
    public void No_prefix_of_a_message_and_no_changed_byte_throws()
    {
        var bytes = Encoding.UTF8.GetBytes(Good);
        for (var length = 0; length < bytes.Length; length++)
        {
            CheckRefused(ClientMessage.Parse(bytes.AsMemory(0, length)));
        }

        for (var at = 0; at < bytes.Length; at++)
        {
            for (var value = 0; value < 256; value++)
            {
                var changed = bytes.ToArray();
                changed[at] = (byte)value;
                Check(ClientMessage.Parse(changed));
            }
        }
    }

    private static ClientMessage Parse(string text) => ClientMessage.Parse(Encoding.UTF8.GetBytes(text));

    private static void Check(ClientMessage message)
    {
        if (message.Kind == ClientMessageKind.Invalid)
        {
            CheckRefused(message);
        }
    }

    private static void CheckRefused(ClientMessage message)
    {
        Assert.Equal(ClientMessageKind.Invalid, message.Kind);
        Assert.InRange(Encoding.UTF8.GetByteCount(message.Problem!), 1, MaxReasonBytes);
    }
}
