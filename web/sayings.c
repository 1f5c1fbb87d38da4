/*
 * Sentences that identity and the HL7 edge say themselves: why a message or an outcome was refused, what was forgiven, what a
 * task's history tells. They are English where they are made, for senders and logs; here they get their French. {} stands for what
 * changes from one time to the next; what stands there may be a saying, a status or a rule in its turn.
 */
#include "base/arena.h"
#include "web/texts.h"

/* English is as it comes. */
#define SAYING(english, french)                                                                                                    \
    {                                                                                                                              \
        english, {                                                                                                                 \
            french, english                                                                                                        \
        }                                                                                                                          \
    }

const struct code_text sayings[] = {
    SAYING("the message took effect", "le message a pris effet"),
    SAYING("the identifier that this merge waited for has arrived", "l’identifiant qu’attendait cette fusion est arrivé"),
    SAYING("linked", "liés"),
    SAYING("linked by declaration", "liés par déclaration"),
    SAYING("linked by A24", "liés par un A24"),
    SAYING("merged", "fusionnés"),
    SAYING("the number and the traits agree now", "le numéro et les traits concordent désormais"),
    SAYING("both hold the same INS again", "les deux portent de nouveau le même INS"), /* in histories: said no more */
    SAYING("both hold the same INS, and their traits agree", "les deux portent le même INS, et leurs traits concordent"),
    SAYING("only one of the two has this INS now", "un seul des deux porte désormais cet INS"),
    SAYING("only one of the two has an INS now", "un seul des deux a désormais un INS"),
    SAYING("their strict traits agree again", "leurs traits stricts concordent de nouveau"),
    SAYING("the two INS contradict each other no more", "les deux INS ne se contredisent plus"),
    SAYING("the conflict of their INS asks it", "le conflit entre leurs INS pose déjà la question"),
    SAYING("an A47 replaced the INS, or took it away", "un A47 a remplacé l’INS, ou l’a retiré"),
    SAYING("one side was merged away", "l’un des deux a été fusionné dans un autre"),
    SAYING("a later message asks for the merge the other way round", "un message ultérieur demande la fusion dans l’autre sens"),
    SAYING("the record was merged into another", "l’enregistrement a été fusionné dans un autre"),
    SAYING("different persons", "personnes différentes"),
    /* outcomes refused */
    SAYING("there are no two records to link", "il n’y a pas deux enregistrements à lier"),
    SAYING("there are no two records to merge", "il n’y a pas deux enregistrements à fusionner"),
    SAYING("the records are of two domains, which no establishment can merge; choose link",
           "les enregistrements sont de deux domaines : aucun établissement ne peut les fusionner ; liez-les"),
    SAYING("two records of one domain are merged by that domain, not linked; choose ask-merge",
           "deux enregistrements d’un domaine sont fusionnés par ce domaine, non liés ; demandez la fusion"),
    SAYING(
        "two records of one domain would stand on one person: that domain merges them first; choose ask-merge in the task of its "
        "duplicate",
        "deux enregistrements d’un domaine seraient sur une personne : ce domaine les fusionne d’abord ; demandez la fusion dans "
        "la "
        "tâche de son doublon"),
    SAYING("there are no two records to tell apart", "il n’y a pas deux enregistrements à séparer"),
    SAYING("no version of this record is kept apart any more", "plus aucune version de cet enregistrement n’est à l’écart"),
    SAYING("traits of a third person came since and took the place of those that opened this task: reject it, and a task will "
           "show them when they come again",
           "depuis, les traits d’une troisième personne ont pris la place de ceux qui ont ouvert cette tâche : rejetez-la, une "
           "tâche les montrera s’ils reviennent"),
    SAYING("a version of this record is kept apart: accept it or reject it; to ask first, let the task wait",
           "une version de cet enregistrement est à l’écart : acceptez-la ou écartez-la ; pour demander d’abord, mettez la tâche "
           "en attente"),
    SAYING("there is no merge that waits in this task; dismiss it once it is seen to",
           "aucune fusion n’attend dans cette tâche ; classez-la une fois vue"),
    SAYING("this record was merged into another: take that merge back before deciding about its versions",
           "cet enregistrement a été fusionné dans un autre : annulez cette fusion avant de décider de ses versions"),
    SAYING("the two records are one since: nothing is left to merge; dismiss this task",
           "les deux enregistrements n’en font plus qu’un : il n’y a plus rien à fusionner ; classez cette tâche"),
    SAYING("the record to merge away was merged into another one since: reject this merge, or take that one back first",
           "l’enregistrement à fusionner l’a été dans un autre depuis : écartez cette fusion, ou annulez d’abord l’autre"),
    SAYING("the surviving record was merged into another one since: reject this merge, or take that one back first",
           "l’enregistrement qui reste a été fusionné dans un autre depuis : écartez cette fusion, ou annulez d’abord l’autre"),
    SAYING("there is no version to accept or reject in this task", "cette tâche n’a pas de version à accepter ni à rejeter"),
    SAYING("say who decides", "dites qui décide"),
    SAYING("say who decides and why", "dites qui décide et pourquoi"),
    SAYING("there is no task {}", "il n’y a pas de tâche {}"),
    SAYING("{} is no outcome of a {} task that is {}", "cette issue n’est pas offerte pour cette tâche dans son état présent"),
    SAYING("say why: the reason is kept with the decision", "dites pourquoi : le motif reste avec la décision"),
    SAYING("a veto speaks against this link: a second person must agree",
           "une règle s’oppose à ce lien : une seconde personne doit être d’accord"),
    SAYING("this task has no decision to take back; reopen it instead",
           "cette tâche n’a pas de décision à annuler ; rouvrez-la plutôt"),
    SAYING("this decision changed nothing: there is nothing to take back; reopen the task instead",
           "cette décision n’a rien changé : il n’y a rien à annuler ; rouvrez plutôt la tâche"),
    SAYING("this decision changed nothing: there is nothing to take back",
           "cette décision n’a rien changé : il n’y a rien à annuler"),
    SAYING("the identifier that would come back is another patient's in this domain, where case says nothing",
           "l’identifiant qui reviendrait est celui d’un autre patient dans ce domaine, où la casse ne dit rien"),
    SAYING("{} identifiers differ from another patient's in case alone, first {} from {}; merge those that are one patient, else "
           "case has to count here",
           "{} identifiants ne diffèrent de celui d’un autre patient que par la casse, d’abord {} de {} ; fusionnez ceux qui sont "
           "un seul patient, sinon la casse doit compter ici"),
    SAYING("a {} domain gives its identifiers in one spelling; case counts there",
           "un domaine {} donne ses identifiants sous une seule forme ; la casse y compte"),
    SAYING(
        "a record of this decision was merged into another since: take that merge back first, or decide about the surviving record "
        "by hand",
        "un enregistrement de cette décision a été fusionné dans un autre depuis : annulez d’abord cette fusion, ou décidez à la "
        "main pour l’enregistrement qui reste"),
    SAYING("this doubt ended when another person was accepted under the identifier: take that decision back first",
           "ce doute a pris fin quand une autre personne a été acceptée sous cet identifiant : annulez d’abord cette décision"),
    SAYING("a later decision about the traits of this record stands: take that one back first",
           "une décision plus récente sur les traits de cet enregistrement est en vigueur : annulez d’abord celle-là"),
    SAYING("another decision or a declaration holds together what this would part: take that one back first",
           "une autre décision ou une déclaration tient ensemble ce que cette annulation séparerait : annulez d’abord celle-là"),
    SAYING(
        "what it had changed was changed again since: nothing would come back, decide about the records as they are now",
        "ce qu’elle avait changé a encore changé depuis : rien ne reviendrait, décidez pour les enregistrements tels qu’ils sont "
        "à présent"),
    SAYING("what it had changed was changed again since: nothing came back",
           "ce qu’elle avait changé a encore changé depuis : rien n’est revenu"),
    SAYING("another task of the same cause is open: work on that one",
           "une autre tâche de même cause est ouverte : traitez celle-là"),
    SAYING("there is no such decision, or it was taken back already", "cette décision n’existe pas, ou elle est déjà annulée"),
    SAYING("one of the two records is not known", "l’un des deux enregistrements n’est pas connu"),
    /* messages refused for their form */
    SAYING("the header has no field separator", "l’en-tête n’a pas de séparateur de champs"),
    SAYING("the header has no encoding characters", "l’en-tête n’a pas de caractères d’encodage"),
    SAYING("the encoding characters must be four different signs",
           "les caractères d’encodage doivent être quatre signes différents"),
    SAYING("the message does not begin with MSH", "le message ne commence pas par MSH"),
    SAYING("batches are not accepted here; send each message in its own frame",
           "les lots ne sont pas acceptés ici ; envoyez chaque message dans sa propre trame"),
    SAYING("the character set is not supported; use UNICODE UTF-8 or 8859/15",
           "le jeu de caractères n’est pas pris en charge ; employez UNICODE UTF-8 ou 8859/15"),
    SAYING("more than {} segments", "plus de {} segments"),
    SAYING("longer than {} bytes", "plus long que {} octets"),
    SAYING("more than {} {}", "plus de {} {}"),
    SAYING("fields", "champs"),
    SAYING("repetitions", "répétitions"),
    SAYING("the message has {} bytes; at most {} are accepted (mllp.frame_limit)",
           "le message a {} octets ; {} au plus sont acceptés (mllp.frame_limit)"),
    SAYING("only the head of this message was kept: raise the limit and let it be sent again",
           "seul le début de ce message a été gardé : relevez la limite et faites-le renvoyer"),
    SAYING("versions 2.3 to 2.8 are accepted", "les versions 2.3 à 2.8 sont acceptées"),
    SAYING("this port takes ADT, QBP and QCN messages", "ce port prend les messages ADT, QBP et QCN"),
    SAYING("the event is not one that this server handles", "cet événement n’est pas de ceux que ce serveur traite"),
    SAYING("queries about visits are not answered here; with pdq.visits = yes, or this for the peer, they are",
           "les requêtes sur les venues n’ont pas de réponse ici ; avec pdq.visits = yes, ou cela pour le correspondant, elles en "
           "ont"),
    SAYING("this port takes the processing ids {}", "ce port prend les identifiants de traitement {}"),
    SAYING("the message has no control id", "le message n’a pas d’identifiant de contrôle"),
    SAYING("the control id is longer than {} bytes", "l’identifiant de contrôle a plus de {} octets"),
    SAYING("the message is not a feed", "le message n’apporte pas d’identité"),
    SAYING("the message has no PID segment", "le message n’a pas de segment PID"),
    SAYING("the event needs exactly two PID segments", "l’événement demande exactement deux segments PID"),
    SAYING("two PID segments are needed, one for each record", "il faut deux segments PID, un par enregistrement"),
    SAYING("the event needs an MRG segment after its PID", "l’événement demande un segment MRG après son PID"),
    SAYING("the patient has no identifier", "le patient n’a pas d’identifiant"),
    SAYING("no patient identifier", "pas d’identifiant de patient"),
    SAYING("the prior identifier is missing", "l’identifiant antérieur manque"),
    SAYING("the birth date lies in the future or too far back", "la date de naissance est dans l’avenir ou trop ancienne"),
    SAYING("the date is not of the form YYYY[MM[DD[HHMM[SS]]]]", "la date n’est pas de la forme AAAA[MM[JJ[HHMM[SS]]]]"),
    SAYING("the date is not a day of the calendar", "la date n’est pas un jour du calendrier"),
    SAYING("the time of the date is not a time of the day", "l’heure de la date n’est pas une heure du jour"),
    SAYING("the sex is not a code of table 0001", "le sexe n’est pas un code de la table 0001"),
    SAYING("the identity status is not a code of table 0445", "le statut de l’identité n’est pas un code de la table 0445"),
    /* messages refused for what they ask */
    SAYING("this control id came before with other content; a sender that restarts its counter needs feed.control_id_reuse = yes",
           "cet identifiant de contrôle est déjà venu avec un autre contenu ; un émetteur qui recommence son compteur demande "
           "feed.control_id_reuse = yes"),
    SAYING("this identifier exists already; send an A31 to change it",
           "cet identifiant existe déjà ; envoyez un A31 pour le modifier"),
    SAYING("this identifier is not known; send an A28 first", "cet identifiant n’est pas connu ; envoyez d’abord un A28"),
    SAYING("this identifier was {}; it is never fed again", "cet identifiant a été {} ; il n’est plus jamais alimenté"),
    SAYING("merged into another one", "fusionné dans un autre"),
    SAYING("replaced by another one", "remplacé par un autre"),
    SAYING("the patient that the account comes from is missing", "le patient d’où vient le dossier manque"),
    SAYING("the patient that the account comes from is not known", "le patient d’où vient le dossier n’est pas connu"),
    SAYING("the file ends inside this segment, without the end of a line: it may have been cut",
           "le fichier s’arrête dans ce segment, sans fin de ligne : il a peut-être été coupé"),
    SAYING("the message before it could not be kept; send both again",
           "le message précédent n’a pas pu être conservé ; renvoyez les deux"),
    SAYING("an account moves between patients of one domain", "un dossier passe d’un patient à l’autre dans un seul domaine"),
    SAYING("the account to move is missing", "le numéro du dossier à déplacer manque"),
    SAYING("the patient that the account goes to is not known", "le patient à qui va le dossier n’est pas connu"),
    SAYING(
        "these identifiers belong to two different patients of {}; merge those first, by an A40 with one in PID-3 and one in MRG-1",
        "ces identifiants sont à deux patients différents de {} ; fusionnez d’abord ceux-ci, par un A40 avec l’un en PID-3 et "
        "l’autre en MRG-1"),
    SAYING("this sender does not feed that domain; declare it with: sosie domain set NAMESPACE --sender 'APP|FACILITY'",
           "cet émetteur n’alimente pas ce domaine ; déclarez-le par : sosie domain set NAMESPACE --sender 'APP|FACILITY'"),
    SAYING("assigning authority not known; declare it with: sosie domain add NAMESPACE --oid OID --kind hospital",
           "autorité d’affectation inconnue ; déclarez-la par : sosie domain add NAMESPACE --oid OID --kind hospital"),
    SAYING("these identifiers belong to two different patients of {}; send the one that is meant",
           "ces identifiants sont à deux patients différents de {} ; envoyez celui dont il s’agit"),
    SAYING("this identifier is not known", "cet identifiant n’est pas connu"),
    SAYING("this identifier is not known in its domain", "cet identifiant n’est pas connu dans son domaine"),
    SAYING("this sender does not feed the domain of the identifier to replace",
           "cet émetteur n’alimente pas le domaine de l’identifiant à remplacer"),
    SAYING("this sender feeds neither of the two domains", "cet émetteur n’alimente aucun des deux domaines"),
    SAYING("the records of this regional identifier went to several persons; name one by its own domain's identifier",
           "les enregistrements de cet identifiant régional sont allés à plusieurs personnes ; nommez-en un par l’identifiant de "
           "son propre domaine"),
    SAYING("a regional identifier names a person; name the record to be separated by its own domain's identifier",
           "un identifiant régional désigne une personne ; nommez l’enregistrement à séparer par l’identifiant de son propre "
           "domaine"),
    SAYING("the identifier to replace is missing", "l’identifiant à remplacer manque"),
    SAYING("the identifier to replace is not known", "l’identifiant à remplacer n’est pas connu"),
    SAYING("the identifier to replace was merged or replaced before", "l’identifiant à remplacer a déjà été fusionné ou remplacé"),
    SAYING("no identifier of the same domain and type takes the place of the one in MRG-1; send it in PID-3",
           "aucun identifiant du même domaine et du même type ne prend la place de celui de MRG-1 ; envoyez-le en PID-3"),
    SAYING("one identifier of a domain is replaced at a time; send one A47 for each",
           "un identifiant d’un domaine est remplacé à la fois ; envoyez un A47 pour chacun"),
    SAYING("no identifier of a patient is to be replaced; CX-5 says another kind",
           "aucun identifiant d’un patient n’est à remplacer ; CX-5 dit un autre type"),
    SAYING("the new identifier belongs to a patient already; send an A40 to merge them",
           "le nouvel identifiant est déjà celui d’un patient ; envoyez un A40 pour les fusionner"),
    SAYING("the new identifier was replaced by another one before; it is never given again: send one that is free",
           "le nouvel identifiant a été remplacé par un autre ; il n’est plus jamais donné : envoyez-en un qui soit libre"),
    SAYING("the record changed since this message was first sent; check it and send a new one",
           "l’enregistrement a changé depuis le premier envoi ; vérifiez-le et envoyez un nouveau message"),
    SAYING("the identifier to merge away is missing", "l’identifiant à fusionner manque"),
    SAYING("a merge stays inside one domain; to say that two domains mean one person send an A24",
           "une fusion reste dans un domaine ; pour dire que deux domaines parlent d’une personne, envoyez un A24"),
    SAYING("one identifier is merged at a time; send one A40 for each",
           "un identifiant est fusionné à la fois ; envoyez un A40 pour chacun"),
    SAYING("which identifier survives is not clear; send one of its domain only",
           "lequel de ces identifiants reste n’est pas clair ; n’en envoyez qu’un de son domaine"),
    SAYING("the identifier to merge away is the surviving one", "l’identifiant à fusionner est celui qui reste"),
    SAYING("the identifier to merge away is not known; replay this message once it has been fed",
           "l’identifiant à fusionner n’est pas connu ; rejouez ce message quand il aura été reçu"),
    SAYING("the identifiers changed since this merge was first sent; check them and send a new one",
           "les identifiants ont changé depuis le premier envoi ; vérifiez-les et envoyez un nouveau message"),
    SAYING("the identifier to merge away was merged into another one before",
           "l’identifiant à fusionner a déjà été fusionné dans un autre"),
    SAYING("the surviving identifier is not known and the message brings no traits to create it",
           "l’identifiant qui reste n’est pas connu et le message n’apporte pas les traits pour le créer"),
    SAYING("both identifiers name one record, merged by its domain; nothing can be separated",
           "les deux identifiants nomment un enregistrement fusionné par son domaine ; rien ne peut être séparé"),
    /* the server's own trouble */
    SAYING("the server failed twice on this message; it was set aside as a dead letter",
           "le serveur est tombé deux fois sur ce message ; il est mis à part"),
    SAYING("the message could not be stored; it was set aside as a dead letter",
           "le message n’a pas pu être enregistré ; il est mis à part"),
    SAYING("it could not be stored", "cela n’a pas pu être enregistré"),
    SAYING("the server is stopping; send it again later", "le serveur s’arrête ; réessayez plus tard"),
    SAYING("the server is loading its index; send it again in a moment", "le serveur charge son index ; réessayez dans un instant"),
    SAYING("this server is not the writer; send it to the one that is, or again in a moment",
           "ce serveur n’est pas celui qui écrit ; adressez-vous à l’autre, ou réessayez dans un instant"),
    SAYING("the database cannot be reached; nothing was kept, send it again later",
           "la base de données est injoignable ; rien n’a été gardé, réessayez plus tard"),
    SAYING("too many messages are waiting; nothing was kept, send it again later",
           "trop de messages attendent ; rien n’a été gardé, réessayez plus tard"),
    /* warnings kept with an accepted message */
    SAYING("control id reused with other content", "identifiant de contrôle réemployé avec un autre contenu"),
    SAYING("identifier merged: applied to its survivor", "identifiant fusionné : appliqué à celui qui reste"),
    SAYING("{}: this identifier was replaced before and comes back", "{} : cet identifiant avait été remplacé et revient"),
    SAYING("create on a known identifier: applied as an update",
           "création d’un identifiant connu : appliquée comme une mise à jour"),
    SAYING("{}: identifier of an unknown authority ignored", "{} : identifiant d’une autorité inconnue, ignoré"),
    SAYING("{}: this identifier, one of several of its domain, is not known and left out",
           "{} : cet identifiant, un parmi plusieurs de son domaine, n’est pas connu ; il est laissé de côté"),
    SAYING("INS not kept: PID-32 is not VALI", "INS non conservé : PID-32 n’est pas VALI"),
    SAYING("INS not kept: {}", "INS non conservé. {}"),
    SAYING("status claimed {}, kept {}", "statut annoncé {}, retenu {}"),
    SAYING("{}: declared identifier not known here, kept without effect", "{} : identifiant déclaré inconnu ici, gardé sans effet"),
    SAYING("{}: declared link not made, a task asks", "{} : lien déclaré non fait, une tâche pose la question"),
    SAYING("a second INS without A47: not kept, a task asks", "un second INS sans A47 : non conservé, une tâche pose la question"),
    SAYING("traits of someone else under this identifier: kept apart, a collision task is open",
           "traits d’une autre personne sous cet identifiant : mis à l’écart, une tâche de collision est ouverte"),
    SAYING("came after later messages about the same identifier: kept in the history, a task shows both",
           "arrivé après d’autres messages sur le même identifiant : gardé dans l’historique, une tâche montre les deux"),
    SAYING("the INS in MRG-1 is not held here", "l’INS de MRG-1 n’est pas tenu ici"),
    SAYING("merge held for the cell: {}", "fusion retenue pour la cellule : {}"),
    SAYING("they were declared different", "ils ont été déclarés différents"),
    SAYING("they have two different INS", "ils ont deux INS différents"),
    SAYING("merge against the direction of an earlier one: the survivor was swapped",
           "fusion à rebours d’une précédente : celui qui reste a été échangé"),
    SAYING("the surviving identifier was merged before: joined to its last survivor, traits not applied",
           "l’identifiant qui reste a déjà été fusionné : joint au dernier qui reste, traits non appliqués"),
    SAYING("the surviving identifier was replaced by the one to merge away: it comes back",
           "l’identifiant qui reste avait été remplacé par celui à fusionner : il revient"),
    SAYING("the surviving identifier was replaced before: joined to the one in its place, traits not applied",
           "l’identifiant qui reste a déjà été remplacé : joint à celui qui a pris sa place, traits non appliqués"),
    SAYING("the identifier to merge away was replaced before: the one in its place was merged",
           "l’identifiant à fusionner a déjà été remplacé : celui qui a pris sa place a été fusionné"),
    SAYING("already merged: nothing changed", "déjà fusionnés : rien n’a changé"),
    SAYING("already one person", "déjà une seule personne"),
    SAYING("link not made, a task asks", "lien non fait, une tâche pose la question"),
    {NULL, {NULL, NULL}},
};

enum { MOST_VALUES = 3 };

static struct span skip(struct span text, size_t bytes) {
    return span_sub(text, bytes, text.len);
}

/* Offset of the first `part`, or text.len. */
static size_t find(struct span text, struct span part) {
    for (size_t at = 0; at + part.len <= text.len; at++) {
        if (span_starts(skip(text, at), part))
            return at;
    }
    return text.len;
}

/* Up to the next {}, which is cut away too. */
static struct span cut_words(struct span *pattern) {
    size_t hole = find(*pattern, SPAN("{}"));
    struct span words = span_sub(*pattern, 0, hole);
    *pattern = hole < pattern->len ? skip(*pattern, hole + 2) : SPAN_ABSENT;
    return words;
}

/* Does the text have the form of the pattern? Takes what stands at each {}. */
static bool has_form(struct span text, struct span pattern, struct span values[MOST_VALUES]) {
    struct span words = cut_words(&pattern);
    if (!span_starts(text, words))
        return false;
    text = skip(text, words.len);
    for (size_t i = 0; i < MOST_VALUES && !span_is_absent(pattern); i++) {
        words = cut_words(&pattern);
        bool last = span_is_absent(pattern);
        if (words.len > text.len)
            return false;
        size_t end = last ? text.len - words.len : find(text, words);
        if (!span_starts(skip(text, end), words))
            return false;
        values[i] = span_sub(text, 0, end);
        text = skip(text, end + words.len);
    }
    return text.len == 0;
}

/* A value may be a status, a rule or a saying of its own. */
static struct span value_in(enum lang lang, struct span value, struct arena *arena) {
    static const enum code_table tables[] = {CODE_STATUS, CODE_RULE};
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        struct span words = code_in(lang, tables[i], value);
        if (!span_eq(words, value))
            return words;
    }
    return said_in(lang, value, arena);
}

static struct span fill(enum lang lang, struct span pattern, const struct span values[MOST_VALUES], struct arena *arena) {
    struct span words = cut_words(&pattern), filled = words;
    for (size_t i = 0; i < MOST_VALUES && !span_is_absent(pattern); i++) {
        struct span value = value_in(lang, values[i], arena);
        words = cut_words(&pattern);
        filled = span_of(arena_printf(arena, "%.*s%.*s%.*s", SPAN_ARG(filled), SPAN_ARG(value), SPAN_ARG(words)));
    }
    return filled;
}

struct span said_in(enum lang lang, struct span text, struct arena *arena) {
    struct span values[MOST_VALUES];
    for (const struct code_text *row = sayings; row->code && lang != LANG_EN; row++) {
        if (has_form(text, span_of(row->code), values))
            return fill(lang, span_of(row->text[lang]), values, arena);
    }
    return text;
}
