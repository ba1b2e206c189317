%% Decodes and encodes with the modules that asn1ct made of ../../schema.
%%
%% Reads a file with one question on each line, `Module Type Hex`, and answers each on a line of its own: `ok Hex` with its own
%% encoding of the value it decoded, or `error Why`.
-module(judge).
-export([main/1]).

main([File]) ->
    {ok, Text} = file:read_file(File),
    [answer(string:lexemes(Line, " ")) || Line <- string:lexemes(binary_to_list(Text), "\n")],
    halt(0).

answer([ModuleName, TypeName, Hex]) ->
    Module = list_to_atom(ModuleName),
    Type = list_to_atom(TypeName),
    Octets = binary:decode_hex(list_to_binary(Hex)),
    Answer =
        case catch Module:decode(Type, Octets) of
            {ok, Value} -> catch Module:encode(Type, Value);
            Refused -> Refused
        end,
    case Answer of
        {ok, Encoded} -> io:format("ok ~s~n", [string:lowercase(binary:encode_hex(Encoded))]);
        Why -> io:format("error ~0p~n", [Why])
    end.
