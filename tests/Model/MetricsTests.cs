namespace Hostscope.Model.Tests;

/// <summary>
/// Goal: every row of the schema table is usable by everything that reads it. Method: each rule over all rows.
/// </summary>
public sealed class MetricsTests
{
    [Fact]
    public void Every_row_has_a_name_a_known_unit_and_a_description()
    {
        foreach (var metric in Metrics.All)
        {
            Assert.Matches("^[a-z][a-z0-9_.]*[a-z0-9]$", metric.Name);
            Assert.Matches("^(s|By|1|Hz|rpm|Cel|V|A|W|J|By/s|bit/s|[{][a-z_]+[}](/s)?)$", metric.Unit);
            Assert.EndsWith(".", metric.Description, StringComparison.Ordinal);
            Assert.All(metric.Labels, label => Assert.Matches("^[a-z][a-z0-9_.]*$", label));
        }
    }

    [Fact]
    public void Name_and_labels_together_name_one_row()
    {
        var keys = Metrics.All.Select(m => $"{m.Name}|{string.Join(',', m.Labels)}").ToList();
        Assert.Equal(keys.Count, keys.Distinct().Count());
    }

    [Fact]
    public void Every_scale_is_a_power_of_ten_so_that_decimals_are_exact()
    {
        Assert.All(Metrics.All, m => Assert.Equal(0, Math.Log10(m.Scale) % 1));
    }

    [Fact]
    public void Rows_know_their_place()
    {
        for (var i = 0; i < Metrics.All.Count; i++)
        {
            Assert.Equal(i, Metrics.All[i].Index);
        }
    }
}
