using CsCheck;

namespace Hostscope.Bus.Tests;

/// <summary>
/// Goal: the newest item wins, the reader sees strictly newer ones and, once publishing stops, the last one; it is
/// started when it rests, and never twice. Method: examples, a model, then publishers and readers racing.
/// </summary>
public sealed class MailboxTests
{
    [Fact]
    public void The_first_item_starts_the_reader_which_rests_again_when_there_is_no_more()
    {
        var mailbox = new Mailbox<string>();
        Assert.Equal(Delivery.Start, mailbox.Put("a"));
        Assert.True(mailbox.TryTake(out var item));
        Assert.Equal("a", item);
        Assert.False(mailbox.TryTake(out _));
        Assert.Equal(Delivery.Start, mailbox.Put("b"));
    }

    [Fact]
    public void The_newest_item_replaces_one_that_was_not_taken()
    {
        var mailbox = new Mailbox<string>();
        mailbox.Put("a");
        Assert.Equal(Delivery.Replaced, mailbox.Put("b"));
        Assert.Equal(Delivery.Replaced, mailbox.Put("c"));
        Assert.True(mailbox.TryTake(out var item));
        Assert.Equal("c", item);
        Assert.Equal(Delivery.Waits, mailbox.Put("d"));
        Assert.True(mailbox.TryTake(out item));
        Assert.Equal("d", item);
        Assert.False(mailbox.TryTake(out item));
        Assert.Null(item);
    }

    [Fact]
    public void A_nudge_makes_the_reader_look_once_without_an_item()
    {
        var mailbox = new Mailbox<string>();
        Assert.True(mailbox.Nudge());
        Assert.False(mailbox.Nudge());
        Assert.True(mailbox.TryTake(out var item));
        Assert.Null(item);
        Assert.False(mailbox.Nudge()); // It runs, and will look again.
        Assert.True(mailbox.TryTake(out item));
        Assert.Null(item);
        Assert.False(mailbox.TryTake(out _));
    }

    [Fact]
    public void A_nudge_takes_no_item_away_and_an_item_no_nudge()
    {
        var mailbox = new Mailbox<string>();
        Assert.Equal(Delivery.Start, mailbox.Put("a"));
        Assert.False(mailbox.Nudge());
        Assert.True(mailbox.TryTake(out var item));
        Assert.Equal("a", item);
        Assert.False(mailbox.Nudge());
        Assert.Equal(Delivery.Waits, mailbox.Put("b"));
        Assert.True(mailbox.TryTake(out item));
        Assert.Equal("b", item);
        Assert.False(mailbox.TryTake(out _));
    }

    [Fact]
    public void After_the_close_nothing_is_kept_and_nobody_started()
    {
        var mailbox = new Mailbox<string>();
        mailbox.Put("a");
        mailbox.Close();
        mailbox.Close();
        Assert.False(mailbox.TryTake(out var item));
        Assert.Null(item);
        Assert.Equal(Delivery.Dropped, mailbox.Put("b"));
        Assert.False(mailbox.Nudge());
        Assert.False(mailbox.TryTake(out _));
    }

    [Fact]
    public void Racing_readers_see_newer_items_and_the_last_one_and_are_one_at_a_time() => Gen.Int[1, 500].Sample(
        count =>
        {
            var mailbox = new Mailbox<object>();
            using var done = new ManualResetEventSlim();
            var last = 0;
            var nudges = 0;
            var running = 0;
            var bad = 0;
            void Read(object? state)
            {
                bad += Interlocked.Increment(ref running) != 1 ? 1 : 0;
                while (true)
                {
                    // Before the question: a rest that is answered with a start may come at once.
                    Interlocked.Decrement(ref running);
                    if (!mailbox.TryTake(out var item))
                    {
                        return;
                    }

                    bad += Interlocked.Increment(ref running) != 1 ? 1 : 0;
                    nudges += item is null ? 1 : 0;
                    bad += item is int number && number <= last ? 1 : 0;
                    last = item as int? ?? last;
                    if (last == count)
                    {
                        done.Set();
                    }
                }
            }

            var nudger = Task.Run(() =>
            {
                for (var i = 0; i < count; i++)
                {
                    if (mailbox.Nudge())
                    {
                        ThreadPool.QueueUserWorkItem(Read);
                    }
                }
            });
            for (var i = 1; i <= count; i++)
            {
                if (mailbox.Put(i) == Delivery.Start)
                {
                    ThreadPool.QueueUserWorkItem(Read);
                }
            }

            // A lost last item would leave the reader at rest for ever: the deadline turns that into a failure.
            Assert.True(done.Wait(TimeSpan.FromSeconds(30)), "the reader never saw the last item");
            Assert.True(nudger.Wait(TimeSpan.FromSeconds(30)));
            Assert.Equal(0, bad);
            Assert.InRange(nudges, 0, count);
        },
        iter: 300);

    [Fact]
    public void Putting_and_taking_allocate_nothing()
    {
        var mailbox = new Mailbox<string>();
        long before = 0;
        for (var i = 0; i < 200; i++)
        {
            if (i == 100)
            {
                // What came before is the runtime's: methods are made ready when they are first called.
                before = GC.GetAllocatedBytesForCurrentThread();
            }

            mailbox.Put("a");
            mailbox.TryTake(out _);
            mailbox.TryTake(out _);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
