using CsCheck;

namespace Hostscope.Bus.Tests;

/// <summary>
/// Goal: the newest item wins, the reader sees strictly newer ones and, once publishing stops, the last one.
/// Method: examples, then a publisher and a reader racing on two threads.
/// </summary>
public sealed class MailboxTests
{
    [Fact]
    public async Task What_was_put_is_taken()
    {
        var mailbox = new Mailbox<string>();
        Assert.True(mailbox.Put("a"));
        Assert.Equal("a", await mailbox.TakeAsync());
    }

    [Fact]
    public async Task A_waiting_reader_is_woken()
    {
        var mailbox = new Mailbox<string>();
        var take = mailbox.TakeAsync();
        Assert.False(take.IsCompleted);
        mailbox.Put("a");
        Assert.Equal("a", await take);
    }

    [Fact]
    public async Task The_newest_item_replaces_one_that_was_not_taken_and_that_is_counted()
    {
        var mailbox = new Mailbox<string>();
        mailbox.Put("a");
        Assert.False(mailbox.Put("b"));
        Assert.False(mailbox.Put("c"));
        Assert.Equal("c", await mailbox.TakeAsync());
        Assert.Equal(2, mailbox.Replaced);
        Assert.False(mailbox.TakeAsync().IsCompleted);
    }

    [Fact]
    public async Task Closing_ends_a_waiting_reader_and_every_later_one()
    {
        var mailbox = new Mailbox<string>();
        var take = mailbox.TakeAsync();
        mailbox.Close();
        mailbox.Close();
        Assert.Null(await take);
        mailbox.Put("a");
        Assert.Null(await mailbox.TakeAsync());
    }

    [Fact]
    public void Two_readers_at_once_are_a_bug_that_is_named()
    {
        var mailbox = new Mailbox<string>();
        var first = mailbox.TakeAsync();
        Assert.Throws<InvalidOperationException>(() => mailbox.TakeAsync().IsCompleted);
        mailbox.Close();
        Assert.True(first.IsCompleted);
    }

    [Fact]
    public void A_racing_reader_sees_strictly_newer_items_and_the_last_one() => Gen.Int[1, 500].Sample(
        count =>
        {
            var mailbox = new Mailbox<object>();
            var reader = Task.Run(async () =>
            {
                var last = 0;
                while (last < count)
                {
                    var next = (int)(await mailbox.TakeAsync())!;
                    Assert.True(next > last, $"{next} came after {last}");
                    last = next;
                }

                return last;
            });
            for (var i = 1; i <= count; i++)
            {
                mailbox.Put(i);
            }

            // A lost last item would leave the reader waiting for ever: the deadline turns that into a failure.
            Assert.True(reader.Wait(TimeSpan.FromSeconds(30)), "the reader never saw the last item");
            Assert.Equal(count, reader.Result);
        },
        iter: 300);

    [Fact]
    public async Task Putting_and_taking_allocate_nothing_once_warm()
    {
        var mailbox = new Mailbox<string>();
        mailbox.Put("a");
        await mailbox.TakeAsync();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            mailbox.Put("a");
            if (!mailbox.TakeAsync().IsCompletedSuccessfully)
            {
                Assert.Fail("an item that was put is there at once");
            }
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
