# @summary Somebody who may log in; the password is the hash that `hostscope user add` writes
type Hostscope::User = Struct[{
    role     => Enum['viewer', 'operator', 'admin'],
    password => Pattern[/\Apbkdf2-sha256\$\d+\$[^$]+\$[^$]+\z/],
}]
